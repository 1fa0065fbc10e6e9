pragma circom 2.2.0;

// Puts what T steps take into K places in order: place k holds the values of the k-th step with take = 1, later places 0.
//   take[T] - {Bool}: checked by the step
//   count - [0, K]: more than K are refused, the pointer falls off the end and take x (1 - sum of the pointer) is not 0
// No hint: the pointer is one-hot at the first free place, moved by each take.
template Compaction(T, K, W) {
    signal input take[T];
    signal input values[T][W];
    signal output placed[K][W];

    signal pointer[T + 1][K];
    signal writes[T][K];
    signal written[T][K][W];
    var sums[K][W];
    for (var k = 0; k < K; k++) {
        pointer[0][k] <== k == 0 ? 1 : 0;
        for (var w = 0; w < W; w++) {
            sums[k][w] = 0;
        }
    }
    for (var t = 0; t < T; t++) {
        var free = 0;
        for (var k = 0; k < K; k++) {
            free += pointer[t][k];
            writes[t][k] <== take[t] * pointer[t][k];
            for (var w = 0; w < W; w++) {
                written[t][k][w] <== writes[t][k] * values[t][w];
                sums[k][w] += written[t][k][w];
            }
        }
        take[t] * (1 - free) === 0;
        for (var k = 0; k < K; k++) {
            pointer[t + 1][k] <== pointer[t][k] - writes[t][k] + (k == 0 ? 0 : writes[t][k - 1]);
        }
    }
    for (var k = 0; k < K; k++) {
        for (var w = 0; w < W; w++) {
            placed[k][w] <== sums[k][w];
        }
    }
}
