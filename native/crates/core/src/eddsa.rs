//! EdDSA over Baby Jubjub with Poseidon as the challenge hash, with the verification equation of circomlib:
//!
//! ```text
//! S Base8 = R8 + h 8 A,    h = Poseidon(R8.x, R8.y, A.x, A.y, M)
//! ```
//!
//! Of its signatures those are refused that the batch circuit has no witness for: R8 = O, which only the key's owner
//! can make, and h or S whose top 64 bits are those of their modulus, which is one in 2^58.
//!
//! A key is A = k Base8 with k in [1, l), without circomlibjs' BLAKE and pruning, so S = r + 8 h k mod l. The nonce
//! r is a hash of the key and the message, so no source of chance can leak the key.
//!
//! **Not constant time**: neither verifying, which has no secret, nor signing, whose point multiplication branches on
//! the digits of r. Sign on the trader's own machine, not where others can measure its time.

use ark_ff::{BigInteger, PrimeField, Zero};
use sha2::{Digest, Sha512};

use crate::{
    babyjubjub::{add_base8, mul, mul_base8, Extended, Point},
    key_tables::{KeyTable, KEY_TABLES},
    parallel, poseidon, Fr, Scalar,
};

const NONCE_DOMAIN: &[u8] = b"proofbook.eddsa-poseidon.nonce.v1";

/// k in [1, l). It has no `Debug`, so that no log shows it.
#[derive(Clone, Copy)]
pub struct SecretKey(Scalar);

/// (R8, S); S is below l by its type, so a signature has one form only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    pub r8: Point,
    pub s: Scalar,
}

impl SecretKey {
    pub fn new(scalar: Scalar) -> Option<Self> {
        (!scalar.is_zero()).then_some(Self(scalar))
    }

    pub fn public_key(&self) -> Point {
        mul_base8(&self.0).to_point()
    }

    pub fn sign(&self, message: Fr) -> Signature {
        let nonce = self.nonce(message);
        let r8 = mul_base8(&nonce).to_point();
        let h = challenge(&r8, &self.public_key(), message);
        Signature {
            r8,
            s: nonce + Scalar::from(8) * reduced(&h) * self.0,
        }
    }

    /// SHA-512(domain, k, M, counter) mod l, with the first counter for which it is not zero.
    fn nonce(&self, message: Fr) -> Scalar {
        let prefix = Sha512::new()
            .chain_update(NONCE_DOMAIN)
            .chain_update(self.0.into_bigint().to_bytes_le())
            .chain_update(message.into_bigint().to_bytes_le());
        (0..=u8::MAX)
            .map(|counter| prefix.clone().chain_update([counter]).finalize())
            .map(|digest| Scalar::from_le_bytes_mod_order(&digest))
            .find(|nonce| !nonce.is_zero())
            .expect("256 hashes are not all zero modulo l")
    }
}

/// Whether a key may be registered: on the curve and 8 A is not the identity.
///
/// Without the first a batch's joint signature check could be poisoned; without the second anyone could sign.
pub fn is_valid_key(key: &Point) -> bool {
    key.is_on_curve() && !Extended::from(*key).mul_by_cofactor().is_identity()
}

/// A key that has verified some good signatures in this process has a table, with which the next are cheaper.
pub fn verify(key: &Point, message: Fr, signature: &Signature) -> bool {
    let table = KEY_TABLES.get(key);
    let is_good = match &table {
        Some(table) => verify_by_table(table, key, message, signature),
        None => verify_plainly(key, message, signature),
    };
    if is_good {
        KEY_TABLES.credit(key);
    }
    is_good
}

/// One verdict an item, computed on all cores.
pub fn verify_many(items: &[(Point, Fr, Signature)]) -> Vec<bool> {
    parallel::map(items, |(key, message, signature)| {
        verify(key, *message, signature)
    })
}

fn verify_plainly(key: &Point, message: Fr, signature: &Signature) -> bool {
    if !key.is_on_curve() {
        return false;
    }
    let key8 = Extended::from(*key).mul_by_cofactor();
    !key8.is_identity() && equation_holds(|h| mul(h, key8), key, message, signature)
}

/// Only a key for which a signature was good has a table: what must hold for a key holds.
fn verify_by_table(table: &KeyTable, key: &Point, message: Fr, signature: &Signature) -> bool {
    equation_holds(|h| table.multiple(h), key, message, signature)
}

/// `mul_key8` gives the multiples of 8 A.
fn equation_holds(
    mul_key8: impl Fn(&Scalar) -> Extended,
    key: &Point,
    message: Fr,
    Signature { r8, s }: &Signature,
) -> bool {
    if !r8.is_on_curve() || Extended::from(*r8).is_identity() || !is_clear_of_modulus(s) {
        return false;
    }
    let h = challenge(r8, key, message);
    is_clear_of_modulus(&h) && add_base8(-mul_key8(&reduced(&h)), s).equals(r8)
}

fn challenge(r8: &Point, key: &Point, message: Fr) -> Fr {
    poseidon::hash5(&[r8.x, r8.y, key.x, key.y, message])
}

/// h modulo l, which is what it amounts to as a multiplier of 8 A, a point of order l.
fn reduced(h: &Fr) -> Scalar {
    Scalar::from_le_bytes_mod_order(&h.into_bigint().to_bytes_le())
}

/// Whether the element's top 64 bits are below its modulus's: all that the circuit compares.
fn is_clear_of_modulus<F: PrimeField>(element: &F) -> bool {
    element.into_bigint().as_ref()[3] < F::MODULUS.as_ref()[3]
}

#[cfg(test)]
mod tests {
    use ark_ff::{AdditiveGroup, Field, MontFp};

    use super::*;
    use crate::babyjubjub::{AffineAddend, BASE8};

    fn signed() -> (Point, Fr, Signature) {
        let secret = SecretKey::new(Scalar::from(42)).expect("not zero");
        let message = Fr::from(1_000);
        (secret.public_key(), message, secret.sign(message))
    }

    #[test]
    fn a_signature_holds_for_its_key_and_message_only() {
        let (key, message, signature) = signed();
        let other = SecretKey::new(Scalar::from(43))
            .expect("not zero")
            .public_key();
        assert!(verify(&key, message, &signature));
        assert!(!verify(&other, message, &signature));
        assert!(!verify(&key, message + Fr::ONE, &signature));
        assert!(!verify(
            &key,
            message,
            &Signature {
                s: signature.s + Scalar::ONE,
                ..signature
            }
        ));
        assert!(!verify(
            &key,
            message,
            &Signature {
                r8: other,
                ..signature
            }
        ));
    }

    #[test]
    fn verify_many_keeps_the_order_of_its_items() {
        let good = signed();
        let bad = (good.0, good.1 + Fr::ONE, good.2);
        assert_eq!(verify_many(&[good, bad, good]), [true, false, true]);
    }

    #[test]
    fn small_order_and_off_curve_keys_are_invalid() {
        let points = [
            (Fr::ZERO, Fr::ONE),
            (Fr::ZERO, -Fr::ONE),
            (Fr::ONE, Fr::ONE),
        ];
        assert!(points
            .into_iter()
            .all(|(x, y)| !is_valid_key(&Point { x, y })));
        assert!(is_valid_key(&signed().0));
    }

    #[test]
    fn a_signature_with_the_identity_as_r8_is_refused() {
        let (key, message, _) = signed();
        let r8 = Point {
            x: Fr::ZERO,
            y: Fr::ONE,
        };
        let s = Scalar::from(8) * reduced(&challenge(&r8, &key, message)) * Scalar::from(42);
        assert!(!verify(&key, message, &Signature { r8, s }));
    }

    /// A point of order 8.
    const TORSION: Point = Point {
        x: MontFp!("17545522957889784193459637215142187266023652151580582754000402781682644312291"),
        y: MontFp!("4826523245007015323400664741523384119579596407052839571721035538011798951543"),
    };

    fn plus_torsion(point: Point) -> Point {
        let torsion = AffineAddend::of_many(&[TORSION.into()])[0];
        Extended::from(point).add_affine(&torsion).to_point()
    }

    /// R8 that a nonce makes and R8 that none does.
    fn nonce_points(nonce: &Scalar) -> [Point; 6] {
        let made = mul_base8(nonce).to_point();
        let at = |x, y| Point { x, y };
        [
            made,
            plus_torsion(made),
            TORSION,
            at(Fr::ZERO, Fr::ONE),
            at(Fr::ZERO, -Fr::ONE),
            at(made.x, made.y + Fr::ONE),
        ]
    }

    #[test]
    fn a_table_changes_no_verdict() {
        let edges = [1, 2, 8, 255, 256].map(Scalar::from);
        let secrets = edges.into_iter().flat_map(|secret| [secret, -secret]);
        let random = (1..20).map(|power| Scalar::from(3).pow([1_000 + power]));
        let mut good = 0;
        for (number, secret) in secrets.chain(random).enumerate() {
            let message = Fr::from(number as u64).pow([17]);
            let nonce = Scalar::from(5).pow([number as u64]) - Scalar::ONE;
            let key = mul_base8(&secret).to_point();
            for key in [key, plus_torsion(key)] {
                let table = KeyTable::new(Extended::from(key).mul_by_cofactor());
                for r8 in nonce_points(&nonce) {
                    let h = challenge(&r8, &key, message);
                    let answer = nonce + Scalar::from(8) * reduced(&h) * secret;
                    for s in [
                        answer,
                        -answer,
                        answer + Scalar::ONE,
                        Scalar::ZERO,
                        -Scalar::ONE,
                    ] {
                        let signature = Signature { r8, s };
                        let verdict = verify_plainly(&key, message, &signature);
                        assert_eq!(verify_by_table(&table, &key, message, &signature), verdict);
                        good += u32::from(verdict);
                    }
                }
            }
        }
        // The nonce of the first secret is zero, which no signature may have.
        assert_eq!(good, 2 * 28);
    }

    #[test]
    fn a_key_that_signs_often_is_verified_by_its_table() {
        let secret = SecretKey::new(Scalar::from(4_711)).expect("not zero");
        let key = secret.public_key();
        for message in (0..10).map(Fr::from) {
            let signature = secret.sign(message);
            assert!(verify(&key, message, &signature));
            assert!(!verify(&key, message + Fr::ONE, &signature));
        }
        assert!(KEY_TABLES.get(&key).is_some());
    }

    #[test]
    fn a_key_without_a_good_signature_gets_no_table() {
        let (key, message, signature) = signed();
        let keys = [
            TORSION,
            Point { x: -key.x, ..key },
            Point { y: -key.x, ..key },
        ];
        for key in keys {
            let r8 = BASE8;
            let forged = Signature { r8, s: Scalar::ONE };
            for _ in 0..20 {
                assert!(!verify(&key, message, &forged) && !verify(&key, message, &signature));
            }
            assert!(KEY_TABLES.get(&key).is_none());
        }
    }

    #[test]
    fn threads_that_verify_one_key_at_once_agree() {
        let items: Vec<(Point, Fr, Signature)> = (0..300u64)
            .map(|number| {
                let secret = SecretKey::new(Scalar::from(5_000 + number % 3)).expect("not zero");
                let (signs, says) = (Fr::from(number), Fr::from(number + number % 2));
                (secret.public_key(), says, secret.sign(signs))
            })
            .collect();
        let verdicts = verify_many(&items);
        assert!((0..300).all(|number| verdicts[number] == (number % 2 == 0)));
    }

    #[test]
    fn a_number_with_the_top_limb_of_its_modulus_is_not_clear_of_it() {
        let edge = Scalar::from(Scalar::MODULUS.0[3]) * Scalar::from(2).pow([192]);
        assert!(!is_clear_of_modulus(&edge) && !is_clear_of_modulus(&-Scalar::ONE));
        assert!(is_clear_of_modulus(&(edge - Scalar::ONE)));
    }

    #[test]
    fn zero_is_no_secret_key() {
        assert!(SecretKey::new(Scalar::ZERO).is_none());
    }
}
