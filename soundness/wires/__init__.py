"""What the constraints leave open: free wires, and wires that the inputs do not determine.

**Free wires.** A wire of a valid witness is free if it can be changed alone, every other wire kept, without
breaking a constraint. The answer is exact: moved by d, a wire turns each constraint that it stands in into
d (l + q d) = 0, which every d, one d or no d but 0 solves; what all its constraints allow together is what
the wire may do. It takes time linear in the circuit. Every wire is asked, the inputs of the batch included,
in honest batches that meet each slot of every table in use and out of use, and in honest exits. It is the
cheapest lie that a prover can tell; a lie about several wires at once is the business of the other parts of
the harness.

**Determined wires.** From the inputs of a template (the hints among them, for all hints of ours are inputs)
it is propagated what has one value only: by sums with one unknown, by decompositions that are unique given
the proven ranges of their parts, and by pairs of products of one factor that settle a wire both where the
factor is zero and where it is not. The rules are sound: what they call determined is. What they cannot
reach are the quotients and the 254-bit decompositions of the signature check; `explained.toml` says for
each why its divisor is never zero or its bits do not wrap, and trusts only that. A template whose outputs
are not determined would give the prover a choice which nobody asked for.

A wire may stay undetermined only where every constraint multiplies it by one factor that is zero: the
inverse in circomlib's `IsZero`. Every kind of free wire and every trusted quotient is named with its reason
in `explained.toml`; the command fails on one that is not, and on a reason for something that is not open.
"""
