//! EIP-712 signatures of structs whose members are integers: the receipts that the operator signs.
//!
//! ECDSA over secp256k1 by libsecp256k1, which signs in constant time, with the nonce of RFC 6979 and the lower of
//! the two s. A struct thus has one signature, whoever computes it.

use std::sync::LazyLock;

use secp256k1::{Message, Secp256k1, SecretKey, SignOnly};
use sha3::{Digest, Keccak256};

use crate::parallel;

pub type Hash = [u8; 32];
/// An integer, most significant byte first.
pub type Word = [u8; 32];
/// r, s, v.
pub type RecoverableSignature = [u8; 65];

/// What Ethereum adds to the parity of a signature's point.
const FIRST_RECOVERY_ID: u8 = 27;

static CONTEXT: LazyLock<Secp256k1<SignOnly>> = LazyLock::new(Secp256k1::signing_only);

/// What the structs of one type and domain share: the domain's separator and the hash of the type.
#[derive(Clone, Copy)]
pub struct StructType {
    pub separator: Hash,
    pub type_hash: Hash,
}

/// It has no `Debug`, so that no log shows it.
pub struct Signer(SecretKey);

impl StructType {
    /// What is signed of a struct with these members.
    pub fn digest(&self, members: &[Word]) -> Hash {
        let contents = Keccak256::new()
            .chain_update(self.type_hash)
            .chain_update(members.as_flattened())
            .finalize();
        Keccak256::new()
            .chain_update([0x19, 0x01])
            .chain_update(self.separator)
            .chain_update(contents)
            .finalize()
            .into()
    }
}

impl Signer {
    /// None unless the secret is in [1, n), n the order of secp256k1.
    pub fn new(secret: [u8; 32]) -> Option<Self> {
        SecretKey::from_byte_array(secret).ok().map(Self)
    }

    pub fn sign(&self, digest: Hash) -> RecoverableSignature {
        let signature = CONTEXT.sign_ecdsa_recoverable(Message::from_digest(digest), &self.0);
        let (parity, point) = signature.serialize_compact();
        let mut signed = [FIRST_RECOVERY_ID + i32::from(parity) as u8; 65];
        signed[..64].copy_from_slice(&point);
        signed
    }

    /// One signature a struct, computed on all cores.
    pub fn sign_many(&self, kind: &StructType, structs: &[Vec<Word>]) -> Vec<RecoverableSignature> {
        parallel::map(structs, |members| self.sign(kind.digest(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> Hash {
        Keccak256::digest(text).into()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_hash_is_ethereums_keccak() {
        let transfer = hex(&hash("Transfer(address,address,uint256)"));
        assert!(transfer.starts_with("ddf252ad1be2c89b69c2b068fc378daa"));
    }

    #[test]
    fn a_signature_is_that_of_every_wallet() {
        // web3.js: accounts.sign("Some data", ...) signs this hash of the text with Ethereum's prefix.
        let secret = *b"\x4c\x08\x83\xa6\x91\x02\x93\x7d\x62\x31\x47\x1b\x5d\xbb\x62\x04\
            \xfe\x51\x29\x61\x70\x82\x79\x2a\xe4\x68\xd0\x1a\x3f\x36\x23\x18";
        let digest = hash("\x19Ethereum Signed Message:\n9Some data");
        let signer = Signer::new(secret).expect("it is below n");
        assert_eq!(
            hex(&signer.sign(digest)),
            "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd\
             6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c"
        );
    }

    #[test]
    fn many_structs_are_signed_in_order() {
        let signer = Signer::new([7; 32]).expect("it is below n");
        let kind = StructType {
            separator: [1; 32],
            type_hash: [2; 32],
        };
        for count in [0, 1, 2, 3, 40] {
            let structs: Vec<Vec<Word>> =
                (0..count).map(|byte| vec![[byte; 32], [9; 32]]).collect();
            let one_by_one: Vec<RecoverableSignature> = structs
                .iter()
                .map(|members| signer.sign(kind.digest(members)))
                .collect();
            assert_eq!(signer.sign_many(&kind, &structs), one_by_one);
        }
    }

    #[test]
    fn zero_and_the_order_are_no_secret_keys() {
        assert!(Signer::new([0; 32]).is_none());
        assert!(Signer::new(secp256k1::constants::CURVE_ORDER).is_none());
    }
}
