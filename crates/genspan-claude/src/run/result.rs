//! What the result of a run says of all of it.

use std::borrow::Cow;

use genspan::{Cost, CostSource, Counts, Message, Outcome, Role, Value, semconv::attribute};
use genspan_wire::anthropic;

use super::Run;
use crate::{book::Book, events, failure, fields::Fields, moment::Moment, totals::Totals};

impl Run {
    /// Ends the run as its result says.
    pub(crate) fn result(
        mut self,
        result: &Value,
        totals: &mut Totals,
        now: Moment,
        book: &mut Book,
    ) {
        let outcome = failure::of_result(result, self.error.as_ref());
        let rest = match &outcome {
            Outcome::Completed => Outcome::Cancelled,
            other => other.clone(),
        };
        self.main.close_chat(&rest, book);
        self.main.give_up(now, book);
        for denial in result.items("permission_denials") {
            if let Some(id) = denial.id("tool_use_id") {
                self.deny(id);
            }
        }
        let has_calls = self.main.calls() > 0;
        let wants_output = self.main.wants_output(book);
        let record = &mut self.main.record;
        let spent = totals.of_run(result);
        if let Some(stated) = result.member("usage") {
            let mut tokens = anthropic::Tokens::default();
            tokens.read(stated);
            let (usage, diagnostics) = tokens.usage();
            // Results of runs that failed may be blank, whatever was used.
            let is_blank = has_calls && outcome != Outcome::Completed && is_zero(&usage.counts());
            if !is_blank {
                record.usage = usage;
                record.common.diagnostics.extend(diagnostics);
            }
        }
        if has_calls {
            record.finish_reasons = result.owned_id("stop_reason").into_iter().collect();
        }
        if let Some(amount) = spent.cost {
            let source = match &record.version {
                Some(version) => Cow::Owned(format!("claude-code {version}")),
                None => Cow::Borrowed("claude-code"),
            };
            record.cost = Some(Cost {
                amount,
                currency: Cow::Borrowed("USD"),
                source: CostSource::PriceTable(source),
                parts: genspan::CostParts::default(),
            });
        }
        if let Some(turns) = result.count("num_turns") {
            record.common.set(attribute::GENSPAN_RUN_TURNS, turns);
        }
        for (model, used) in &spent.models {
            let event = events::model_usage(model, used, now);
            events::note(&mut record.common, event);
        }
        if wants_output
            && outcome == Outcome::Completed
            && let Some(text) = result.text("result").filter(|text| !text.is_empty())
        {
            let mut message = Message::text(Role::Assistant, text);
            message.finish_reason = record
                .finish_reasons
                .first()
                .map(|reason| genspan::FinishReason::from_provider(reason));
            record.content.output = vec![message];
        }
        self.end(outcome, now, book);
    }
}

fn is_zero(counts: &Counts) -> bool {
    let all = [counts.input, counts.output];
    all.into_iter().flatten().all(|count| count == 0)
}
