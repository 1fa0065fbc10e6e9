//! How field elements and points lie in the files: 32-byte little-endian limbs, affine points as
//! raw Montgomery limbs, the point at infinity as zeros.

use ark_bn254::{g1, g2, Fq, Fq2, Fr};
use ark_ec::short_weierstrass::Affine;
use ark_ec::AffineRepr;
use ark_ff::{BigInt, BigInteger, PrimeField};

pub const FIELD_BYTES: usize = 32;

pub fn read_limbs(bytes: &[u8]) -> BigInt<4> {
    let limb = |i: usize| u64::from_le_bytes(bytes[8 * i..8 * i + 8].try_into().expect("8 bytes"));
    BigInt::new([limb(0), limb(1), limb(2), limb(3)])
}

pub fn write_limbs(value: &BigInt<4>, out: &mut [u8]) {
    for (limb, bytes) in value.0.iter().zip(out.chunks_exact_mut(8)) {
        bytes.copy_from_slice(&limb.to_le_bytes());
    }
}

/// A scalar in plain form; `None` when it is not below the modulus.
pub fn read_scalar(bytes: &[u8]) -> Option<Fr> {
    Fr::from_bigint(read_limbs(bytes))
}

/// An affine point as the key stores it. Reading is unchecked: a curve equation a point would cost
/// more than the proof, and a damaged point makes a proof that does not verify.
pub trait RawPoint: AffineRepr<ScalarField = Fr> {
    const BYTES: usize;

    fn read_unchecked(bytes: &[u8]) -> Self;

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; Self::BYTES];
        self.write(&mut bytes);
        bytes
    }

    /// Writes the coordinates into `out`, zeros for the point at infinity.
    fn write(&self, out: &mut [u8]);

    /// Reduced coordinates, on the curve and in the group of prime order.
    fn is_valid(&self) -> bool;
}

fn read_base(bytes: &[u8], index: usize) -> Fq {
    Fq::new_unchecked(read_limbs(&bytes[FIELD_BYTES * index..]))
}

fn write_base(value: &Fq, out: &mut [u8], index: usize) {
    write_limbs(&value.0, &mut out[FIELD_BYTES * index..][..FIELD_BYTES]);
}

impl RawPoint for Affine<g1::Config> {
    const BYTES: usize = 2 * FIELD_BYTES;

    fn read_unchecked(bytes: &[u8]) -> Self {
        let (x, y) = (read_base(bytes, 0), read_base(bytes, 1));
        if x.0.is_zero() && y.0.is_zero() {
            return Self::identity();
        }
        Self::new_unchecked(x, y)
    }

    fn write(&self, out: &mut [u8]) {
        out.fill(0);
        if let Some((x, y)) = self.xy() {
            write_base(&x, out, 0);
            write_base(&y, out, 1);
        }
    }

    fn is_valid(&self) -> bool {
        !self.x.is_geq_modulus() && !self.y.is_geq_modulus() && self.is_on_curve()
    }
}

impl RawPoint for Affine<g2::Config> {
    const BYTES: usize = 4 * FIELD_BYTES;

    fn read_unchecked(bytes: &[u8]) -> Self {
        let x = Fq2::new(read_base(bytes, 0), read_base(bytes, 1));
        let y = Fq2::new(read_base(bytes, 2), read_base(bytes, 3));
        if [x.c0, x.c1, y.c0, y.c1].iter().all(|c| c.0.is_zero()) {
            return Self::identity();
        }
        Self::new_unchecked(x, y)
    }

    fn write(&self, out: &mut [u8]) {
        out.fill(0);
        if let Some((x, y)) = self.xy() {
            for (index, coordinate) in [x.c0, x.c1, y.c0, y.c1].iter().enumerate() {
                write_base(coordinate, out, index);
            }
        }
    }

    fn is_valid(&self) -> bool {
        let reduced = [self.x.c0, self.x.c1, self.y.c0, self.y.c1]
            .iter()
            .all(|c| !c.is_geq_modulus());
        reduced && self.is_on_curve() && self.is_in_correct_subgroup_assuming_on_curve()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{G1Affine, G2Affine};

    fn survives<P: RawPoint>(point: P) {
        let read = P::read_unchecked(&point.to_bytes());
        assert_eq!(read, point);
        assert!(read.is_valid());
    }

    #[test]
    fn points_survive_the_file() {
        survives(G1Affine::generator());
        survives(G1Affine::identity());
        survives(G2Affine::generator());
        survives(G2Affine::identity());
    }

    #[test]
    fn coordinates_are_montgomery_limbs_in_snarkjs_order() {
        let generator = G2Affine::generator();
        let bytes = generator.to_bytes();
        assert_eq!(read_limbs(&bytes), generator.x.c0.0);
        assert_eq!(read_limbs(&bytes[96..]), generator.y.c1.0);
    }

    #[test]
    fn a_scalar_at_the_modulus_is_refused() {
        let mut bytes = Fr::MODULUS.to_bytes_le();
        assert_eq!(read_scalar(&bytes), None);
        bytes[0] -= 1;
        assert_eq!(read_scalar(&bytes), Some(-Fr::from(1)));
    }

    #[test]
    fn a_point_off_the_curve_is_not_valid() {
        let mut bytes = G1Affine::generator().to_bytes();
        bytes[0] ^= 1;
        assert!(!G1Affine::read_unchecked(&bytes).is_valid());
    }
}
