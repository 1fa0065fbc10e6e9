//! The prover: from a key and a witness to a proof and its public signals.

mod msm;
mod quotient;

use std::path::Path;

use ark_bn254::{Fr, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha20Rng;

use crate::error::{Error, Result};
use crate::proof::Proof;
use crate::random::random_scalar;
use crate::verify::verify_with;
use crate::wtns::Witness;
use crate::zkey::{self, ZKey};
use msm::msm;

/// Proves, and verifies the proof before it is handed out: a prover does not see that its witness
/// breaks a constraint. The public signals are the circuit's outputs, then its public inputs.
pub fn prove(zkey_path: &Path, wtns_path: &Path) -> Result<(Proof, Vec<Fr>)> {
    let key = ZKey::open(zkey_path)?;
    let witness = Witness::open(wtns_path)?;
    witness.expect_wires(key.header().wires, zkey_path)?;

    let proof = blinded_proof(&key, &witness)?;
    let public: Vec<Fr> = witness.values()[1..=key.header().public as usize]
        .iter()
        .map(|value| Fr::new(*value))
        .collect();
    if verify_with(&key, &proof, &public)? {
        return Ok((proof, public));
    }
    Err(Error::Unproven {
        path: wtns_path.to_owned(),
        zkey: zkey_path.to_owned(),
    })
}

fn blinded_proof(key: &ZKey, witness: &Witness) -> Result<Proof> {
    let header = key.header();
    let values = witness.values();
    let private = &values[header.public as usize + 1..];

    let h: G1Projective = {
        let quotient = quotient::odd_evaluations(key, values)?;
        msm(key.points(zkey::H)?, &quotient)
    };
    let k: G1Projective = msm(key.points(zkey::K)?, private);
    let a: G1Projective = msm(key.points(zkey::A)?, values);
    let b1: G1Projective = msm(key.points(zkey::B1)?, values);
    let b2: G2Projective = msm(key.points(zkey::B2)?, values);

    // Without r and s the proof would tell of the witness.
    let mut rng = ChaCha20Rng::from_os_rng();
    let (r, s) = (random_scalar(&mut rng), random_scalar(&mut rng));
    let a = a + header.alpha1 + header.delta1 * r;
    let b1 = b1 + header.beta1 + header.delta1 * s;
    let b2 = b2 + header.beta2 + header.delta2 * s;
    let c = k + h + a * s + b1 * r - header.delta1 * (r * s);
    Ok(Proof {
        a: a.into_affine(),
        b: b2.into_affine(),
        c: c.into_affine(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::fixtures::{self, Scratch};
    use crate::verify::verify;

    #[test]
    fn a_proof_verifies_for_its_public_signals_only() {
        let scratch = Scratch::new();
        let (zkey, wtns) = fixtures::artifacts(&scratch);
        let (proof, public) = prove(&zkey, &wtns).unwrap();
        assert_eq!(public, [Fr::from(32), Fr::from(5)]);
        assert!(verify(&zkey, &proof, &public).unwrap());
        for index in 0..public.len() {
            let mut others = public.clone();
            others[index] += Fr::from(1);
            assert!(!verify(&zkey, &proof, &others).unwrap());
        }
    }

    #[test]
    fn two_proofs_of_one_witness_differ() {
        let scratch = Scratch::new();
        let (zkey, wtns) = fixtures::artifacts(&scratch);
        assert_ne!(
            prove(&zkey, &wtns).unwrap().0,
            prove(&zkey, &wtns).unwrap().0
        );
    }

    #[test]
    fn a_proof_of_another_key_does_not_verify() {
        let scratch = Scratch::new();
        let (zkey, wtns) = fixtures::artifacts(&scratch);
        let (proof, public) = prove(&zkey, &wtns).unwrap();
        let other = scratch.path("other.zkey");
        crate::setup(&scratch.path("circuit.r1cs"), &other, b"another").unwrap();
        assert!(!verify(&other, &proof, &public).unwrap());
    }

    #[test]
    fn no_wrong_wire_is_ever_proven() {
        let scratch = Scratch::new();
        let (zkey, _) = fixtures::artifacts(&scratch);
        for wire in 1..fixtures::WITNESS.len() {
            let mut values = fixtures::WITNESS;
            values[wire] += 1;
            let wtns = scratch.write("wrong.wtns", &fixtures::wtns_of(&values));
            let error = prove(&zkey, &wtns).unwrap_err();
            assert_eq!((error.code(), error.path()), ("unproven", wtns.as_path()));
        }
    }

    #[test]
    fn a_damaged_point_makes_no_proof() {
        let scratch = Scratch::new();
        let (zkey, wtns) = fixtures::artifacts(&scratch);
        let mut bytes = fs::read(&zkey).unwrap();
        let contributions = 12 + zkey::NO_CONTRIBUTIONS_BYTES as usize;
        let last_point = bytes.len() - contributions - 1;
        bytes[last_point] ^= 1;
        fs::write(&zkey, bytes).unwrap();
        assert_eq!(prove(&zkey, &wtns).unwrap_err().code(), "unproven");
    }

    #[test]
    fn a_witness_of_another_circuit_is_refused() {
        let scratch = Scratch::new();
        let (zkey, _) = fixtures::artifacts(&scratch);
        let wtns = scratch.write("short.wtns", &fixtures::wtns_of(&fixtures::WITNESS[..5]));
        let error = prove(&zkey, &wtns).unwrap_err();
        assert_eq!(error.code(), "mismatch");
        assert!(error.to_string().contains("5 wires"), "{error}");
    }
}
