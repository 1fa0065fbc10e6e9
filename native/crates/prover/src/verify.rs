//! Verification with the verifying key that every proving key holds.

use std::path::Path;

use ark_bn254::{Bn254, Fr, G1Projective};
use ark_ec::pairing::Pairing;
use ark_ff::Zero;

use crate::error::{Error, Result};
use crate::proof::Proof;
use crate::zkey::ZKey;

/// Does `proof` hold for the circuit of the key and these public signals?
pub fn verify(zkey_path: &Path, proof: &Proof, public: &[Fr]) -> Result<bool> {
    verify_with(&ZKey::open(zkey_path)?, proof, public)
}

/// The pairing check `e(A, B) = e(alpha, beta) e(IC(public), gamma) e(C, delta)`.
pub(crate) fn verify_with(zkey: &ZKey, proof: &Proof, public: &[Fr]) -> Result<bool> {
    let key = zkey.verifying_key()?;
    if public.len() + 1 != key.ic.len() {
        return Err(Error::Mismatch {
            path: zkey.path().to_owned(),
            reason: format!(
                "the circuit has {} public signals and {} are given; give every one of them",
                key.ic.len() - 1,
                public.len()
            ),
        });
    }
    let inputs = key.ic[1..]
        .iter()
        .zip(public)
        .fold(G1Projective::from(key.ic[0]), |sum, (point, signal)| {
            sum + *point * signal
        });
    let product = Bn254::multi_pairing(
        [(-proof.a).into(), key.alpha1.into(), inputs, proof.c.into()],
        [proof.b, key.beta2, key.gamma2, key.delta2],
    );
    Ok(product.is_zero())
}

#[cfg(test)]
mod tests {
    use ark_bn254::G1Affine;
    use ark_ec::AffineRepr;
    use ark_ff::{BigInteger, PrimeField};
    use num_bigint::BigUint;

    use super::*;
    use crate::fixtures::{self, Scratch};
    use crate::proof::public_signals;
    use crate::prove;

    #[test]
    fn every_public_signal_must_be_given() {
        let scratch = Scratch::new();
        let (zkey, wtns) = fixtures::artifacts(&scratch);
        let (proof, public) = prove(&zkey, &wtns).unwrap();
        let error = verify(&zkey, &proof, &public[..1]).unwrap_err();
        assert_eq!(error.code(), "mismatch");
    }

    #[test]
    fn a_changed_point_does_not_verify() {
        let scratch = Scratch::new();
        let (zkey, wtns) = fixtures::artifacts(&scratch);
        let (proof, public) = prove(&zkey, &wtns).unwrap();
        let changed = [
            Proof {
                a: -proof.a,
                ..proof
            },
            Proof {
                b: -proof.b,
                ..proof
            },
            Proof {
                c: G1Affine::generator(),
                ..proof
            },
        ];
        for proof in changed {
            assert!(!verify(&zkey, &proof, &public).unwrap());
        }
    }

    #[test]
    fn coordinates_survive_and_must_be_reduced_and_on_the_curve() {
        let scratch = Scratch::new();
        let (zkey, wtns) = fixtures::artifacts(&scratch);
        let (proof, _) = prove(&zkey, &wtns).unwrap();
        let (a, b, c) = proof.coordinates();
        assert_eq!(Proof::from_coordinates(&a, &b, &c), Some(proof));

        let modulus = BigUint::from_bytes_le(&ark_bn254::Fq::MODULUS.to_bytes_le());
        let unreduced = (&a.0 + &modulus, a.1.clone());
        assert_eq!(Proof::from_coordinates(&unreduced, &b, &c), None);
        let off_curve = (a.0.clone(), &a.1 + 1u32);
        assert_eq!(Proof::from_coordinates(&off_curve, &b, &c), None);
    }

    #[test]
    fn a_public_signal_is_never_reduced() {
        let modulus = BigUint::from_bytes_le(&Fr::MODULUS.to_bytes_le());
        assert_eq!(public_signals(&[&modulus - 1u32]), Some(vec![-Fr::from(1)]));
        assert_eq!(public_signals(&[modulus]), None);
        assert_eq!(public_signals(&[BigUint::from(1u32) << 300]), None);
    }
}
