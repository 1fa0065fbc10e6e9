pragma circom 2.2.0;

// Baby Jubjub (EIP-2494) has 8 l points; l is the prime order of the subgroup that B8 generates.
function SUBGROUP_ORDER() { return 2736030358979909402780800718157159386076813972158567259200215660948447373041; }
function BASE8_X() { return 5299619240641551281634865583518297030282874472190772894086521144482721001553; }
function BASE8_Y() { return 16950150798460657717958625567821834550301663161624707787222815936182638968203; }

// The Montgomery form B v^2 = u^3 + A u^2 + u of the curve 168700 x^2 + y^2 = 1 + 168696 x^2 y^2, as in circomlib.
function MONTGOMERY_A() { return 168698; }
function MONTGOMERY_B() { return 1; }

// Integers beyond p are held in limbs of 85 bits.
function LIMB_BITS() { return 85; }
