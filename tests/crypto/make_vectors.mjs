// Writes vectors.json, what circomlibjs says about Poseidon, Baby Jubjub and EdDSA-Poseidon.
// Run from the repository's root: node tests/crypto/make_vectors.mjs
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { buildBabyjub, buildEddsa, buildPoseidon } from "circomlibjs";

const poseidon = await buildPoseidon();
const eddsa = await buildEddsa();
const babyjub = await buildBabyjub();
const field = babyjub.F;
const modulus = field.p;
const order = babyjub.subOrder;

const MESSAGES = [0n, 1n, 123_456_789_012_345_678_901_234_567_890n, modulus - 1n];
const SECRETS = [1n, 2n, 0xdecafn ** 9n, order - 1n];

const residue = (integer, divisor) => ((integer % divisor) + divisor) % divisor;
const pointText = (point) => point.map((coordinate) => field.toObject(coordinate).toString());

function littleEndian(integer) {
  const bytes = Buffer.from(integer.toString(16).padStart(64, "0"), "hex");
  return bytes.reverse();
}

function fromLittleEndian(bytes) {
  return BigInt("0x" + Buffer.from(bytes).reverse().toString("hex"));
}

function poseidonVectors() {
  const vectors = [];
  for (let count = 1; count <= 16; count++) {
    const small = Array.from({ length: count }, (_, position) => BigInt(position + 1));
    const large = small.map((value) => residue(-(value ** 40n), modulus));
    for (const inputs of [small, large, small.map(() => 0n)]) {
      vectors.push({ inputs: inputs.map(String), digest: field.toObject(poseidon(inputs)).toString() });
    }
  }
  return vectors;
}

// All outputs of the permutation, from a first element that hashes leave at 0.
function permutationVectors() {
  return Array.from({ length: 16 }, (_, place) => {
    const state = Array.from({ length: place + 2 }, (_, position) => residue(-(BigInt(position + 1) ** 30n), modulus));
    const permuted = poseidon(state.slice(1), state[0], state.length);
    return { state: state.map(String), permuted: permuted.map((element) => field.toObject(element).toString()) };
  });
}

// Proofbook's signing, written down a third time over circomlibjs' curve and hash.
function sign(secret, message) {
  const digest = createHash("sha512")
    .update("proofbook.eddsa-poseidon.nonce.v1")
    .update(littleEndian(secret))
    .update(littleEndian(message))
    .update(Buffer.from([0]))
    .digest();
  const nonce = residue(fromLittleEndian(digest), order);
  const key = babyjub.mulPointEscalar(babyjub.Base8, secret);
  const r8 = babyjub.mulPointEscalar(babyjub.Base8, nonce);
  const h = field.toObject(poseidon([...r8, ...key, field.e(message)]));
  return { key, signature: { R8: r8, S: residue(nonce + 8n * h * secret, order) } };
}

function signedVector(key, message, signature, extra) {
  if (!eddsa.verifyPoseidon(field.e(message), signature, key)) {
    throw new Error(`circomlibjs rejects the signature of ${message}`);
  }
  return {
    ...extra,
    key: pointText(key),
    message: message.toString(),
    signature: [...pointText(signature.R8), signature.S.toString()],
  };
}

function proofbookSignatures() {
  return SECRETS.flatMap((secret) =>
    MESSAGES.map((message) => {
      const { key, signature } = sign(secret, message);
      return signedVector(key, message, signature, { secret: secret.toString() });
    }),
  );
}

function circomlibjsSignatures() {
  return MESSAGES.map((message, number) => {
    const privateKey = Buffer.alloc(32, number + 1);
    const signature = eddsa.signPoseidon(privateKey, field.e(message));
    return signedVector(eddsa.prv2pub(privateKey), message, signature, {});
  });
}

// Points of the curve that no key may be: every multiple of a point of order 8.
function smallOrderPoints() {
  const identity = [field.zero, field.one];
  const isGenerator = (point) => !babyjub.mulPointEscalar(point, 4n).every((c, i) => field.eq(c, identity[i]));
  for (let y = 2n; ; y++) {
    const yy = field.square(field.e(y));
    const xx = field.div(field.sub(field.one, yy), field.sub(babyjub.A, field.mul(babyjub.D, yy)));
    if (!field.isSquare(xx)) continue; // sqrt of another never returns
    const point = babyjub.mulPointEscalar([field.sqrt(xx), field.e(y)], order);
    if (!isGenerator(point)) continue;
    return Array.from({ length: 8 }, (_, multiple) => babyjub.mulPointEscalar(point, BigInt(multiple)));
  }
}

const vectors = {
  source: "circomlibjs 0.1.7",
  poseidon: poseidonVectors(),
  permutation: permutationVectors(),
  proofbook_signatures: proofbookSignatures(),
  circomlibjs_signatures: circomlibjsSignatures(),
  small_order_points: smallOrderPoints().map(pointText),
};
writeFileSync(new URL("vectors.json", import.meta.url), JSON.stringify(vectors, null, 1) + "\n");
