//! Writes a proving key section by section, points in chunks: one chunk at a time is in memory.

use std::io::Write;

use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ec::AffineRepr;
use ark_ff::{Field, One};
use rayon::prelude::*;
use sha2::{Digest, Sha512};

use super::fixed_base::FixedBase;
use super::qap::Qap;
use super::ToxicWaste;
use crate::binfile::BinWriter;
use crate::encoding::{write_limbs, RawPoint};
use crate::error::Result;
use crate::r1cs::{R1cs, Term};
use crate::zkey::{self, Header};

/// Points computed and written at a time.
const CHUNK_POINTS: usize = 1 << 15;

pub fn write<W: Write>(
    mut out: BinWriter<W>,
    r1cs: &R1cs,
    qap: &Qap,
    waste: &ToxicWaste,
) -> Result<()> {
    let header = header(r1cs, qap, waste);
    write_header(&mut out, &header)?;

    let delta_inverse = waste.delta.inverse().expect("delta is not zero");
    let (ic, k) = public_and_private(&header, qap, waste, &delta_inverse);
    let h: Vec<Fr> = qap
        .h
        .par_iter()
        .map(|value| delta_inverse * value)
        .collect();

    let g1 = FixedBase::new(G1Affine::generator(), qap.h.len());
    let g2 = FixedBase::new(G2Affine::generator(), qap.h.len());
    write_points(&mut out, &header, zkey::IC, &g1, &ic)?;
    write_coefficients(&mut out, r1cs, qap)?;
    write_points(&mut out, &header, zkey::A, &g1, &qap.a)?;
    write_points(&mut out, &header, zkey::B1, &g1, &qap.b)?;
    write_points(&mut out, &header, zkey::B2, &g2, &qap.b)?;
    write_points(&mut out, &header, zkey::K, &g1, &k)?;
    write_points(&mut out, &header, zkey::H, &g1, &h)?;
    write_contributions(&mut out, r1cs)?;
    out.finish()?;
    Ok(())
}

fn header(r1cs: &R1cs, qap: &Qap, waste: &ToxicWaste) -> Header {
    let g1 = |scalar: Fr| G1Affine::from(G1Affine::generator() * scalar);
    let g2 = |scalar: Fr| G2Affine::from(G2Affine::generator() * scalar);
    Header {
        wires: r1cs.info().wires,
        public: r1cs.info().public(),
        domain: qap.domain,
        alpha1: g1(waste.alpha),
        beta1: g1(waste.beta),
        beta2: g2(waste.beta),
        gamma2: g2(Fr::one()),
        delta1: g1(waste.delta),
        delta2: g2(waste.delta),
    }
}

fn write_header<W: Write>(out: &mut BinWriter<W>, header: &Header) -> Result<()> {
    out.section(zkey::PROTOCOL, 4)?;
    out.u32(zkey::GROTH16)?;
    out.section(zkey::HEADER, Header::BYTES)?;
    out.modulus::<Fq>()?;
    out.modulus::<Fr>()?;
    out.u32(header.wires)?;
    out.u32(header.public)?;
    out.u32(header.domain)?;
    out.point(&header.alpha1)?;
    out.point(&header.beta1)?;
    out.point(&header.beta2)?;
    out.point(&header.gamma2)?;
    out.point(&header.delta1)?;
    out.point(&header.delta2)
}

/// `beta A + alpha B + C` of every wire: over gamma, which is one, for the constant and the public
/// signals, over delta for the others.
fn public_and_private(
    header: &Header,
    qap: &Qap,
    waste: &ToxicWaste,
    delta_inverse: &Fr,
) -> (Vec<Fr>, Vec<Fr>) {
    let mut ic: Vec<Fr> = (&qap.a, &qap.b, &qap.c)
        .into_par_iter()
        .map(|(a, b, c)| waste.beta * a + waste.alpha * b + c)
        .collect();
    let mut k = ic.split_off(header.public as usize + 1);
    k.par_iter_mut().for_each(|value| *value *= delta_inverse);
    (ic, k)
}

fn write_points<W: Write, C>(
    out: &mut BinWriter<W>,
    header: &Header,
    section: u32,
    base: &FixedBase<C>,
    scalars: &[Fr],
) -> Result<()>
where
    C: SWCurveConfig<ScalarField = Fr>,
    Affine<C>: RawPoint,
{
    let size = Affine::<C>::BYTES;
    let mut bytes = vec![0; CHUNK_POINTS * size];
    out.section(section, header.points_bytes(section))?;
    for chunk in scalars.chunks(CHUNK_POINTS) {
        let points = base.multiples(chunk);
        bytes
            .par_chunks_exact_mut(size)
            .zip(&points)
            .for_each(|(bytes, point)| point.write(bytes));
        out.write(&bytes[..points.len() * size])?;
    }
    Ok(())
}

/// The matrices A and B: a constraint's A, then its B; then a row for each public signal. C is not
/// stored: for a witness that satisfies the constraints it is the product of A and B.
fn write_coefficients<W: Write>(out: &mut BinWriter<W>, r1cs: &R1cs, qap: &Qap) -> Result<()> {
    let bytes = u64::from(qap.coefficients) * zkey::COEFFICIENT_BYTES as u64;
    out.section(zkey::COEFFICIENTS, 4 + bytes)?;
    out.u32(qap.coefficients)?;
    r1cs.for_each_constraint(|row, constraint| {
        for (matrix, terms) in [
            (zkey::MATRIX_A, &constraint.a),
            (zkey::MATRIX_B, &constraint.b),
        ] {
            for term in terms {
                write_coefficient(out, matrix, row, term)?;
            }
        }
        Ok(())
    })?;
    for wire in 0..=r1cs.info().public() {
        let row = r1cs.info().constraints + wire;
        write_coefficient(out, zkey::MATRIX_A, row, &(wire, Fr::one()))?;
    }
    Ok(())
}

fn write_coefficient<W: Write>(
    out: &mut BinWriter<W>,
    matrix: u32,
    row: u32,
    (wire, value): &Term,
) -> Result<()> {
    // In Montgomery form the product is value R^2, the form in which snarkjs multiplies it with a
    // plain witness.
    let scaled = *value * Fr::new(Fr::R);
    let mut entry = [0; zkey::COEFFICIENT_BYTES];
    for (bytes, word) in entry.chunks_exact_mut(4).zip([matrix, row, *wire]) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    write_limbs(&scaled.0, &mut entry[12..]);
    out.write(&entry)
}

fn write_contributions<W: Write>(out: &mut BinWriter<W>, r1cs: &R1cs) -> Result<()> {
    out.section(zkey::CONTRIBUTIONS, zkey::NO_CONTRIBUTIONS_BYTES)?;
    out.write(&Sha512::digest(r1cs.file().bytes()))?;
    out.u32(0)
}
