//! The rules, applied to one constraint after the other until none has anything left to say.

use std::collections::{HashMap, HashSet, VecDeque};

use ark_bn254::Fr;
use proofbook_prover::Term;

use super::interval::{is_injective, solved, Interval};
use super::row::{Form, Row};
use super::Undetermined;

/// A factor of some products, by which it may be told whether it is zero.
type Factor = u32;

pub struct Propagation<'a> {
    rows: &'a [Row],
    rows_of: Vec<Vec<u32>>,
    factors: HashMap<Form, Factor>,
    is_known: Vec<bool>,
    is_trusted: Vec<bool>,
    intervals: Vec<Option<Interval>>,
    /// What is determined where a determined factor is zero, and where it is not.
    where_zero: HashSet<(Factor, u32)>,
    where_not: HashSet<(Factor, u32)>,
    pending: VecDeque<u32>,
    is_pending: Vec<bool>,
}

impl<'a> Propagation<'a> {
    pub fn new(wires: u32, rows: &'a [Row]) -> Self {
        let mut rows_of = vec![Vec::new(); wires as usize];
        let mut factors = HashMap::new();
        for (index, row) in (0..).zip(rows) {
            for (wire, _) in row.forms().flat_map(|form| &form.terms) {
                if rows_of[*wire as usize].last() != Some(&index) {
                    rows_of[*wire as usize].push(index);
                }
            }
            if let Row::Product { a, b, .. } = row {
                for factor in [a, b] {
                    let next = factors.len() as Factor;
                    factors.entry(factor.normalized()).or_insert(next);
                }
            }
        }
        Propagation {
            rows,
            rows_of,
            factors,
            is_known: vec![false; wires as usize],
            is_trusted: vec![false; wires as usize],
            intervals: vec![None; wires as usize],
            where_zero: HashSet::new(),
            where_not: HashSet::new(),
            pending: (0..rows.len() as u32).collect(),
            is_pending: vec![true; rows.len()],
        }
    }

    pub fn run(&mut self, known: &[u32], trusted: &[u32]) {
        self.is_known[0] = true;
        for wire in known {
            self.is_known[*wire as usize] = true;
        }
        for wire in trusted {
            self.is_trusted[*wire as usize] = true;
        }
        while let Some(index) = self.pending.pop_front() {
            self.is_pending[index as usize] = false;
            self.apply(&self.rows[index as usize]);
        }
    }

    pub fn undetermined(&self) -> Vec<Undetermined> {
        let unknown = (0..).zip(&self.is_known).filter(|(_, known)| !**known);
        unknown
            .map(|(wire, _)| Undetermined {
                wire,
                only_times_zero: self.is_only_times_zero(wire),
            })
            .collect()
    }

    fn apply(&mut self, row: &'a Row) {
        if let Some(wire) = row.boolean() {
            self.set_interval(wire, Interval::boolean());
        }
        match row {
            Row::Sum(sum) => {
                self.solve(sum);
                self.bound(sum);
            }
            Row::Product { a, b, c } => match (self.is_determined(a), self.is_determined(b)) {
                (true, true) => self.solve(c),
                (true, false) => self.split(a, b, c),
                (false, true) => self.split(b, a, c),
                (false, false) => {}
            },
        }
    }

    /// The undetermined wires of a sum with a determined value.
    fn solve(&mut self, sum: &Form) {
        let unknown = sum.unknown(&self.is_known);
        let alone = unknown.len() == 1;
        let is_unique = |terms: Vec<_>| self.are_trusted(&unknown) || is_injective(&terms);
        if alone || self.ranged(&unknown).is_some_and(is_unique) {
            for (wire, _) in unknown {
                self.determine(wire);
            }
        }
    }

    /// The interval of the only wire in the sum that has none.
    fn bound(&mut self, sum: &Form) {
        let lacks = |(wire, _): &&Term| self.intervals[*wire as usize].is_none();
        let mut unbounded = sum.terms.iter().filter(lacks);
        let (Some((wire, coefficient)), None) = (unbounded.next(), unbounded.next()) else {
            return;
        };
        let others: Vec<_> = sum
            .terms
            .iter()
            .filter(|term| term.0 != *wire)
            .copied()
            .collect();
        let bounds = self
            .ranged(&others)
            .and_then(|terms| solved(sum.constant, *coefficient, &terms));
        if let Some(interval) = bounds {
            self.set_interval(*wire, interval);
        }
    }

    /// `factor * other = c` with a determined factor: what it says where the factor is zero, and elsewhere.
    fn split(&mut self, factor: &Form, other: &Form, c: &Form) {
        let id = self.factors[&factor.normalized()];
        let (in_other, in_c) = (other.unknown(&self.is_known), c.unknown(&self.is_known));
        let mut settled = Vec::new();
        if let [(wire, _)] = in_c[..] {
            self.where_zero.insert((id, wire));
            settled.push(wire);
        }
        if let ([(wire, _)], []) = (&in_other[..], &in_c[..]) {
            self.where_not.insert((id, *wire));
            settled.push(*wire);
        }
        for wire in settled {
            let is_covered =
                self.where_zero.contains(&(id, wire)) || self.is_trusted[wire as usize];
            if is_covered && self.where_not.contains(&(id, wire)) {
                self.determine(wire);
            }
        }
    }

    fn is_only_times_zero(&self, wire: u32) -> bool {
        let mut factors = self.rows_of[wire as usize].iter().map(|index| {
            let Row::Product { a, b, c } = &self.rows[*index as usize] else {
                return None;
            };
            let other = if a.contains(wire) { b } else { a };
            let only_there = !other.contains(wire) && !c.contains(wire);
            (only_there && self.is_determined(other)).then(|| self.factors[&other.normalized()])
        });
        let Some(Some(first)) = factors.next() else {
            return false;
        };
        self.where_not.contains(&(first, wire)) && factors.all(|factor| factor == Some(first))
    }

    fn is_determined(&self, form: &Form) -> bool {
        form.terms
            .iter()
            .all(|(wire, _)| self.is_known[*wire as usize])
    }

    fn are_trusted(&self, terms: &[Term]) -> bool {
        terms
            .iter()
            .all(|(wire, _)| self.is_trusted[*wire as usize])
    }

    fn ranged(&self, terms: &[Term]) -> Option<Vec<(Fr, &Interval)>> {
        let ranged = terms.iter().map(|(wire, coefficient)| {
            Some((*coefficient, self.intervals[*wire as usize].as_ref()?))
        });
        ranged.collect()
    }

    fn set_interval(&mut self, wire: u32, interval: Interval) {
        if self.intervals[wire as usize].is_none() {
            self.intervals[wire as usize] = Some(interval);
            self.awaken(wire);
        }
    }

    fn determine(&mut self, wire: u32) {
        if !self.is_known[wire as usize] {
            self.is_known[wire as usize] = true;
            self.awaken(wire);
        }
    }

    fn awaken(&mut self, wire: u32) {
        for index in &self.rows_of[wire as usize] {
            if !self.is_pending[*index as usize] {
                self.is_pending[*index as usize] = true;
                self.pending.push_back(*index);
            }
        }
    }
}

#[cfg(test)]
mod tests;
