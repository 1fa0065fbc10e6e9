pragma circom 2.2.3;

// Claims c = r * y * factor.
template Product() {
    signal input c;
    signal input r;
    signal input y;
    signal input factor;

    signal partial <== r * y;
    c === partial * factor;
}
