//! What holds and what does not, gathered from all tables of the document.

/// Lists the measurements that exceed their budgets, and counts by table those that do not.
pub(crate) fn verdicts(document: &str) -> String {
    let mut title = "";
    let mut bad = Vec::new();
    let mut good: Vec<(&str, usize)> = Vec::new();
    for line in document.lines() {
        if let Some((bold, _)) = line
            .strip_prefix("**")
            .and_then(|rest| rest.split_once("**"))
        {
            title = bold;
            continue;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, label, ours, _, ratio, budget, holds, ..] = cells.as_slice() else {
            continue;
        };
        match *holds {
            "**no**" => {
                let ratio = match *ratio {
                    "–" => String::new(),
                    ratio => format!(", {ratio} × the peer"),
                };
                bad.push(format!(
                    "- {title}: {label}: {ours}{ratio}; budget {budget}\n"
                ));
            }
            "yes" => match good.last_mut() {
                Some((known, count)) if *known == title => *count += 1,
                _ => good.push((title, 1)),
            },
            _ => {}
        }
    }
    let mut text = match bad.as_slice() {
        [] => "All budgets hold.\n".to_owned(),
        bad => format!("Does not hold:\n\n{}", bad.concat()),
    };
    if !good.is_empty() {
        text.push_str("\nHolds:\n\n");
        for (title, count) in good {
            let rows = if count == 1 { "row" } else { "rows" };
            text.push_str(&format!("- {title}: {count} {rows}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_news_come_first() {
        let document = "**One call** – peer: x\n\n| what | genspan | peer | ratio | budget | holds | before | change |\n\
                        | a | 1 ns | 2 ns | 0.50 | ≤ 1.3 × | yes | – | – |\n\
                        | b | 3 ns | 2 ns | 1.50 | ≤ 1.3 × | **no** | – | – |\n\
                        **Two**\n| c | 3 ns | – | – | ≤ 1 ns | **no** | – | – |\n| d | 3 ns | – | – | – | – | – | – |\n";
        assert_eq!(
            verdicts(document),
            "Does not hold:\n\n- One call: b: 3 ns, 1.50 × the peer; budget ≤ 1.3 ×\n\
             - Two: c: 3 ns; budget ≤ 1 ns\n\nHolds:\n\n- One call: 1 row\n"
        );
        assert_eq!(verdicts(""), "All budgets hold.\n");
    }
}
