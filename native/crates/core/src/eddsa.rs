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
use rayon::prelude::*;
use sha2::{Digest, Sha512};

use crate::{
    babyjubjub::{mul_base8, mul_base8_add, Extended, Point},
    poseidon, Fr, Scalar,
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

pub fn verify(key: &Point, message: Fr, signature: &Signature) -> bool {
    if !key.is_on_curve() || !signature.r8.is_on_curve() {
        return false;
    }
    let key8 = Extended::from(*key).mul_by_cofactor();
    if key8.is_identity() || Extended::from(signature.r8).is_identity() {
        return false;
    }
    let h = challenge(&signature.r8, key, message);
    if !is_clear_of_modulus(&h) || !is_clear_of_modulus(&signature.s) {
        return false;
    }
    mul_base8_add(&signature.s, &reduced(&h), -key8).equals(&signature.r8)
}

/// One verdict an item, computed on all cores.
pub fn verify_many(items: &[(Point, Fr, Signature)]) -> Vec<bool> {
    items
        .par_iter()
        .map(|(key, message, signature)| verify(key, *message, signature))
        .collect()
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
    use ark_ff::{AdditiveGroup, Field};

    use super::*;

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
