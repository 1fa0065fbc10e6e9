pragma circom 2.2.0;

include "poseidon.circom";
include "../lib/constants.circom";
include "fees.circom";
include "parameters.circom";
include "schedule.circom";

// The hash that L1 knows of what only its timelock changes, and what holds of every configuration that a batch can have. Claims the
// liquidation fee of each live market covers every rebate: the insurance fund gets the fee and pays the rebate.
//   maker, taker - {Uint20}, see FeeSchedule; oracleMaxAge, oracleKey - any
//   live - {Bool}, of the markets as they are loaded: no configuration opens or closes one
//   insuranceFloor - {Uint62}, ranged here; parameterWord - w3 of the leaves as the batch leaves them
template Configuration() {
    signal input maker[4];
    signal input taker[4];
    signal input oracleMaxAge;
    signal input oracleKey[5][2];
    signal input live[4];
    input MarketParameters() parameters[4];
    input MarginSchedule() schedules[4];
    signal input insuranceFloor;
    signal output parameterWord[4];
    signal output hash;

    component fees = FeeSchedule();
    fees.maker <== maker;
    fees.taker <== taker;
    component loaded[4];
    component bounds[4];
    for (var m = 0; m < 4; m++) {
        loaded[m] = LoadedParameters();
        loaded[m].parameters <== parameters[m];
        loaded[m].live <== live[m];
        parameterWord[m] <== loaded[m].word;
        bounds[m] = LoadedSchedule();
        bounds[m].schedule <== schedules[m];
        bounds[m].initialPpm <== parameters[m].initialPpm;
        bounds[m].maintenancePpm <== parameters[m].maintenancePpm;
        bounds[m].live <== live[m];
        // The fee less the largest rebate, below 2^21. Without a market the fee is 0 and has none to cover: what is left is lowestMaker.
        Range(PPM_BITS() + 1)(parameters[m].liquidationFeePpm + fees.lowestMaker - live[m] * MAKER_FEE_OFFSET());
    }
    signal terms <== Poseidon(16)([
        fees.word, oracleMaxAge,
        oracleKey[0][0], oracleKey[0][1], oracleKey[1][0], oracleKey[1][1], oracleKey[2][0], oracleKey[2][1],
        oracleKey[3][0], oracleKey[3][1], oracleKey[4][0], oracleKey[4][1],
        parameterWord[0], parameterWord[1], parameterWord[2], parameterWord[3]
    ]);
    Range(62)(insuranceFloor);
    hash <== Poseidon(6)([terms, bounds[0].word, bounds[1].word, bounds[2].word, bounds[3].word, insuranceFloor]);
}
