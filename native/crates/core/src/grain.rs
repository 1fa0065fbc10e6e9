//! The Grain LFSR that turns Poseidon's parameters into its constants (Poseidon paper, appendix E;
//! reference script `generate_parameters_grain.sage`).

use ark_ff::{BigInt, PrimeField};

use crate::Fr;

const STATE_BITS: u32 = 80;
const WARM_UP_CLOCKS: usize = 160;
const FIELD_PRIME: u128 = 1;
const SBOX_POWER: u128 = 0;

pub struct Grain {
    /// The oldest bit is bit 0.
    state: u128,
}

impl Grain {
    pub fn new(width: usize, full_rounds: usize, partial_rounds: usize) -> Self {
        let fields = [
            (FIELD_PRIME, 2),
            (SBOX_POWER, 4),
            (u128::from(Fr::MODULUS_BIT_SIZE), 12),
            (width as u128, 12),
            (full_rounds as u128, 10),
            (partial_rounds as u128, 10),
            ((1 << 30) - 1, 30),
        ];
        let description = fields
            .iter()
            .fold(0, |bits, (value, width)| bits << width | value);
        // The description is written most significant bit first and read in that order.
        let state = description.reverse_bits() >> (u128::BITS - STATE_BITS);
        let mut grain = Self { state };
        for _ in 0..WARM_UP_CLOCKS {
            grain.clock();
        }
        grain
    }

    /// The next field element for a round constant: candidates of p or more are thrown away.
    pub fn round_constant(&mut self) -> Fr {
        loop {
            if let Some(element) = Fr::from_bigint(self.integer()) {
                return element;
            }
        }
    }

    /// The next field element for the Cauchy matrix: candidates are reduced modulo p.
    pub fn matrix_element(&mut self) -> Fr {
        let candidate = self.integer();
        // Both the candidate and p have 254 bits, so one subtraction is enough.
        Fr::from_bigint(candidate).unwrap_or_else(|| {
            let mut reduced = candidate;
            ark_ff::BigInteger::sub_with_borrow(&mut reduced, &Fr::MODULUS);
            Fr::from_bigint(reduced).expect("a 254-bit integer is below 2p")
        })
    }

    fn integer(&mut self) -> BigInt<4> {
        let mut limbs = [0u64; 4];
        for position in (0..Fr::MODULUS_BIT_SIZE as usize).rev() {
            limbs[position / 64] |= self.bit() << (position % 64);
        }
        BigInt::new(limbs)
    }

    /// Self-shrinking output: of each pair of bits, the second counts if the first is set.
    fn bit(&mut self) -> u64 {
        loop {
            let (keep, bit) = (self.clock(), self.clock());
            if keep == 1 {
                return bit;
            }
        }
    }

    fn clock(&mut self) -> u64 {
        let taps = [0, 13, 23, 38, 51, 62];
        let bit = taps
            .iter()
            .fold(0, |bit, tap| bit ^ (self.state >> tap & 1));
        self.state = self.state >> 1 | bit << (STATE_BITS - 1);
        bit as u64
    }
}
