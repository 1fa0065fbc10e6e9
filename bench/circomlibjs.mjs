// Verifies the signatures of standard input one by one, as circomlibjs does it: prints the processor seconds.

import { readFileSync } from "node:fs";
import { buildEddsa } from "circomlibjs";

const WARM_UP = 20;

const eddsa = await buildEddsa();
const element = (text) => eddsa.F.e(BigInt(text));
const signed = JSON.parse(readFileSync(0, "utf8")).map(({ key, message, signature: [x, y, s] }) => ({
  message: element(message),
  signature: { R8: [element(x), element(y)], S: BigInt(s) },
  key: key.map(element),
}));
const verify = ({ message, signature, key }) => eddsa.verifyPoseidon(message, signature, key);

signed.slice(0, WARM_UP).forEach(verify);
const begin = process.cpuUsage();
const accepted = signed.map(verify);
const { user, system } = process.cpuUsage(begin);
console.log(JSON.stringify({ seconds: (user + system) / 1e6, accepted: accepted.every(Boolean) }));
