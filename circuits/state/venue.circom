pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// What holds in all markets (docs/spec/breakers.md): what L1 restricts, and whether the insurance fund is below its floor.
bus Venue() {
    signal congestedUntil;      // {Uint40}
    signal restricted[4];       // {Bool}: the market is restricted until restrictedUntil
    signal restrictedUntil;     // {Uint40}
    signal uninsured;           // {Bool}
}

// Claims the fields are in range, so that the word of the state has one reading.
//   timestamp - {Uint40}
//   restrictions - the first fields: what L1 said last, 84 bits; word - of the state
//   congested - {Bool}; restricted[4] - {Bool}: the market takes only orders that reduce
template LoadedVenue() {
    input Venue() venue;
    signal input timestamp;
    signal output restrictions;
    signal output word;
    signal output congested;
    signal output restricted[4];

    Range(TIME_BITS())(venue.congestedUntil);
    Range(TIME_BITS())(venue.restrictedUntil);
    Bool()(venue.uninsured);
    signal uncongested <== IsNonNegative(TIME_BITS())(timestamp - venue.congestedUntil);
    congested <== 1 - uncongested;
    signal over <== IsNonNegative(TIME_BITS())(timestamp - venue.restrictedUntil);
    signal listed[4];
    var mask = 0;
    for (var m = 0; m < 4; m++) {
        Bool()(venue.restricted[m]);
        mask += (1 << m) * venue.restricted[m];
        listed[m] <== (1 - over) * venue.restricted[m];
        restricted[m] <== 1 - (1 - listed[m]) * (1 - venue.uninsured);
    }
    restrictions <== venue.congestedUntil
        + (1 << VENUE_MARKETS_AT()) * mask
        + (1 << VENUE_RESTRICTED_UNTIL_AT()) * venue.restrictedUntil;
    word <== restrictions + (1 << VENUE_UNINSURED_AT()) * venue.uninsured;
}
