//! Verification, with the verifying key that every proving key holds or with one by itself.

use std::path::Path;

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::pairing::{Pairing, PairingOutput};

use crate::error::{Error, Result};
use crate::proof::{g1_point, g2_point, G1Coordinates, G2Coordinates, Proof};
use crate::zkey::ZKey;

/// What the verifier needs of a key.
#[derive(Debug)]
pub struct VerifyingKey {
    pub(crate) alpha1: G1Affine,
    pub(crate) beta2: G2Affine,
    pub(crate) gamma2: G2Affine,
    pub(crate) delta2: G2Affine,
    /// One for the constant, then one a public signal.
    pub(crate) ic: Vec<G1Affine>,
}

impl VerifyingKey {
    /// `None` unless every coordinate is reduced and every point in the group of prime order.
    pub fn from_coordinates(
        alpha: &G1Coordinates,
        [beta, gamma, delta]: [&G2Coordinates; 3],
        ic: &[G1Coordinates],
    ) -> Option<Self> {
        Some(VerifyingKey {
            alpha1: g1_point(alpha)?,
            beta2: g2_point(beta)?,
            gamma2: g2_point(gamma)?,
            delta2: g2_point(delta)?,
            ic: ic.iter().map(g1_point).collect::<Option<_>>()?,
        })
    }

    /// Computes once what every verification needs.
    pub fn prepare(&self) -> PreparedKey {
        PreparedKey {
            alpha_beta: Bn254::pairing(self.alpha1, self.beta2),
            gamma2: self.gamma2.into(),
            delta2: self.delta2.into(),
            ic: self.ic.clone(),
        }
    }
}

/// A key for many verifications.
#[derive(Debug)]
pub struct PreparedKey {
    alpha_beta: PairingOutput<Bn254>,
    gamma2: <Bn254 as Pairing>::G2Prepared,
    delta2: <Bn254 as Pairing>::G2Prepared,
    ic: Vec<G1Affine>,
}

impl PreparedKey {
    /// How many public signals the circuit has.
    pub fn public_signals(&self) -> usize {
        self.ic.len() - 1
    }

    /// The pairing check `e(A, B) = e(alpha, beta) e(IC(public), gamma) e(C, delta)`; false for a
    /// wrong number of public signals.
    pub fn verify(&self, proof: &Proof, public: &[Fr]) -> bool {
        if public.len() != self.public_signals() {
            return false;
        }
        let inputs = self.ic[1..]
            .iter()
            .zip(public)
            .fold(G1Projective::from(self.ic[0]), |sum, (point, signal)| {
                sum + *point * signal
            });
        let product = Bn254::multi_pairing(
            [proof.a.into(), -inputs, (-proof.c).into()],
            [proof.b.into(), self.gamma2.clone(), self.delta2.clone()],
        );
        product == self.alpha_beta
    }
}

/// Does `proof` hold for the circuit of the key and these public signals?
pub fn verify(zkey_path: &Path, proof: &Proof, public: &[Fr]) -> Result<bool> {
    verify_with(&ZKey::open(zkey_path)?, proof, public)
}

pub(crate) fn verify_with(zkey: &ZKey, proof: &Proof, public: &[Fr]) -> Result<bool> {
    let key = zkey.verifying_key()?.prepare();
    if public.len() != key.public_signals() {
        return Err(Error::Mismatch {
            path: zkey.path().to_owned(),
            reason: format!(
                "the circuit has {} public signals and {} are given; give every one of them",
                key.public_signals(),
                public.len()
            ),
        });
    }
    Ok(key.verify(proof, public))
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
    fn a_key_by_itself_verifies_what_the_proving_key_does() {
        let scratch = Scratch::new();
        let (zkey, wtns) = fixtures::artifacts(&scratch);
        let (proof, public) = prove(&zkey, &wtns).unwrap();
        let key = ZKey::open(&zkey).unwrap().verifying_key().unwrap();
        let (a, b, _) = proof.coordinates();
        let generator: G1Coordinates = (1u32.into(), 2u32.into());
        let foreign = VerifyingKey::from_coordinates(&a, [&b; 3], &vec![generator; 3]).unwrap();
        assert!(key.prepare().verify(&proof, &public));
        assert!(!key.prepare().verify(&proof, &public[..1]));
        assert!(!foreign.prepare().verify(&proof, &public));
    }

    #[test]
    fn a_key_off_the_curve_is_refused() {
        let scratch = Scratch::new();
        let (zkey, wtns) = fixtures::artifacts(&scratch);
        let (a, b, _) = prove(&zkey, &wtns).unwrap().0.coordinates();
        let off: G1Coordinates = (1u32.into(), 3u32.into());
        assert!(VerifyingKey::from_coordinates(&off, [&b; 3], std::slice::from_ref(&a)).is_none());
        assert!(VerifyingKey::from_coordinates(&a, [&b; 3], &[off]).is_none());
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
