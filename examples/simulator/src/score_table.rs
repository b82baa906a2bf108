//! The score as Markdown.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::Result;

use crate::score::Verdict;
use crate::truth::Truth;

/// Verdicts, counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    n: usize,
    owned: usize,
    right: usize,
    wrong: usize,
    in_three: usize,
    missing: usize,
    /// Right and wrong, for each baseline.
    baselines: BTreeMap<String, (usize, usize)>,
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

impl Tally {
    pub(crate) fn of<'a>(verdicts: impl Iterator<Item = &'a Verdict>) -> Self {
        let mut sum = Self::default();
        for verdict in verdicts {
            sum.n += 1;
            sum.owned += usize::from(verdict.owned);
            sum.right += usize::from(verdict.right);
            sum.wrong += usize::from(verdict.wrong());
            sum.in_three += usize::from(verdict.owned && verdict.in_three);
            sum.missing += usize::from(!verdict.answered);
            for (name, right) in &verdict.baselines {
                let counts = sum.baselines.entry(name.clone()).or_default();
                counts.0 += usize::from(*right == Some(true));
                counts.1 += usize::from(*right == Some(false));
            }
        }
        sum
    }

    /// Right names, of the agents that have an owner.
    pub(crate) fn top1_rate(&self) -> f64 {
        share(self.right, self.owned)
    }

    /// Wrong names, of all agents.
    pub(crate) fn wrong_rate(&self) -> f64 {
        share(self.wrong, self.n)
    }

    fn of_owned(&self, part: usize) -> String {
        if self.owned == 0 { "–".to_owned() } else { percent(share(part, self.owned)) }
    }

    fn row(&self, name: &str) -> String {
        let silent = self.n - self.right - self.wrong;
        let mut row = format!(
            "| {name} | {} | {} | {} | {} | {} |",
            self.n,
            self.of_owned(self.right),
            percent(self.wrong_rate()),
            percent(share(silent, self.n)),
            self.of_owned(self.in_three)
        );
        for (right, wrong) in self.baselines.values() {
            row.push_str(&format!(" {} / {} |", self.of_owned(*right), percent(share(*wrong, self.n))));
        }
        row
    }
}

fn percent(value: f64) -> String {
    format!("{:.1} %", value * 100.0)
}

pub(crate) fn print(truth: &Truth, verdicts: &[Verdict], show: usize) -> Result<()> {
    let mut out = io::stdout().lock();
    let all = Tally::of(verdicts.iter());
    writeln!(
        out,
        "Seed {}, {} records from {} to {}, degradation `{}`: {} agents, {} of them with an owner.\n",
        truth.seed, truth.records, truth.from, truth.to, truth.degrade, all.n, all.owned
    )?;
    paths(&mut out, verdicts, &all)?;
    statuses(&mut out, verdicts)?;
    calibration(&mut out, verdicts)?;
    mistakes(&mut out, verdicts, show)
}

fn paths(out: &mut impl Write, verdicts: &[Verdict], all: &Tally) -> Result<()> {
    write!(out, "| path | n | top-1 | wrong name | abstained | top-3 |")?;
    for name in all.baselines.keys() {
        write!(out, " {} right / wrong |", name.replace('_', " "))?;
    }
    writeln!(out, "\n|---|{}", "---:|".repeat(5 + all.baselines.len()))?;
    let mut names: Vec<&str> = verdicts.iter().map(|verdict| verdict.path.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let row = Tally::of(verdicts.iter().filter(|verdict| verdict.path == name));
        writeln!(out, "{}", row.row(name))?;
    }
    writeln!(out, "{}\n", all.row("**all**"))?;
    writeln!(
        out,
        "Top-1 and top-3 are of the agents that have an owner; wrong and abstained are of all. {} agents of the truth \
         are not in the answers and count as abstained.\n",
        all.missing
    )?;
    Ok(())
}

/// Statuses are compared where the name is right, or rightly left out.
fn statuses(out: &mut impl Write, verdicts: &[Verdict]) -> Result<()> {
    let judged: Vec<&Verdict> = verdicts.iter().filter(|v| v.right || (!v.owned && v.answered && !v.wrong())).collect();
    let right = judged.iter().filter(|verdict| verdict.status == verdict.true_status).count();
    let orphaned = |status: &str| status == "orphaned";
    let missed = judged.iter().filter(|v| orphaned(&v.true_status) && !orphaned(&v.status)).count();
    let false_alarms = judged.iter().filter(|v| !orphaned(&v.true_status) && orphaned(&v.status)).count();
    let orphans = judged.iter().filter(|v| orphaned(&v.true_status)).count();
    writeln!(
        out,
        "Status right: {right} of {} ({}). Of {orphans} orphans {missed} missed; {false_alarms} false orphans.\n",
        judged.len(),
        percent(share(right, judged.len()))
    )?;
    Ok(())
}

/// How far the stated confidence of named answers can be believed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Calibration {
    /// Answers, their mean confidence, the share of them that is right.
    pub(crate) deciles: Vec<(usize, f64, f64)>,
    pub(crate) brier: f64,
    pub(crate) ece: f64,
}

impl Calibration {
    pub(crate) fn of(said: &[(f64, bool)]) -> Self {
        let mut sums = vec![(0_usize, 0.0_f64, 0_usize); 10];
        for &(confidence, right) in said {
            let bucket = &mut sums[((confidence * 10.0) as usize).min(9)];
            *bucket = (bucket.0 + 1, bucket.1 + confidence, bucket.2 + usize::from(right));
        }
        let deciles: Vec<_> = sums.iter().map(|&(n, sum, right)| (n, sum / n.max(1) as f64, share(right, n))).collect();
        let total = said.len().max(1) as f64;
        let miss = |confidence: f64, right: bool| (confidence - f64::from(u8::from(right))).powi(2);
        Self {
            brier: said.iter().map(|&(confidence, right)| miss(confidence, right)).sum::<f64>() / total,
            ece: deciles.iter().map(|&(n, mean, right)| n as f64 / total * (mean - right).abs()).sum(),
            deciles,
        }
    }
}

fn calibration(out: &mut impl Write, verdicts: &[Verdict]) -> Result<()> {
    let named = verdicts.iter().filter(|verdict| verdict.named.is_some());
    let said: Vec<(f64, bool)> = named.filter_map(|v| Some((v.confidence?.clamp(0.0, 1.0), v.right))).collect();
    if said.is_empty() {
        writeln!(out, "No named answer states a confidence.\n")?;
        return Ok(());
    }
    let it = Calibration::of(&said);
    writeln!(out, "| confidence | answers | mean | right |\n|---|---:|---:|---:|")?;
    for (decile, &(n, mean, right)) in it.deciles.iter().enumerate().filter(|(_, (n, _, _))| *n > 0) {
        let (low, high) = (decile as f64 / 10.0, (decile + 1) as f64 / 10.0);
        writeln!(out, "| {low:.1}–{high:.1} | {n} | {mean:.3} | {right:.3} |")?;
    }
    writeln!(
        out,
        "\nBrier score {:.4}, expected calibration error {:.4}, {} answers.\n",
        it.brier,
        it.ece,
        said.len()
    )?;
    Ok(())
}

fn mistakes(out: &mut impl Write, verdicts: &[Verdict], show: usize) -> Result<()> {
    let wrong: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.wrong()).take(show).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    writeln!(out, "| wrongly named | path | named | true owner | decoy |\n|---|---|---|---|---|")?;
    for verdict in wrong {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            verdict.id,
            verdict.path,
            verdict.named.as_deref().unwrap_or("–"),
            verdict.truth.as_deref().unwrap_or("–"),
            verdict.decoy.as_deref().unwrap_or("–")
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfect_forecasts_have_no_error_and_boasts_have() {
        let perfect = Calibration::of(&[(1.0, true), (1.0, true), (0.0, false)]);
        assert!(perfect.brier == 0.0 && perfect.ece == 0.0);
        let boast = Calibration::of(&[(0.9, true), (0.9, false)]);
        assert!((boast.ece - 0.4).abs() < 1e-9);
        assert!((boast.brier - (0.01 + 0.81) / 2.0).abs() < 1e-9);
        assert_eq!(boast.deciles[9], (2, 0.9, 0.5));
    }

    #[test]
    fn a_half_right_bucket_is_where_its_confidence_says() {
        let fair = Calibration::of(&[(0.55, true), (0.45, false), (0.55, false), (0.45, true)]);
        assert_eq!(fair.deciles[5].0, 2);
        assert!((fair.ece - 0.05).abs() < 1e-9);
    }
}
