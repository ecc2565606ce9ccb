//! What was said in a span, and what else is known of it.

use genspan::Value;
use genspan_store::read::{KeyValue, SpanDetail, SpanRow};

use super::{
    escape::{attribute, text},
    push,
};

/// Writes what stands below a span's line.
pub(super) struct Said<'s> {
    pub(super) row: &'s SpanRow,
    pub(super) detail: Option<&'s SpanDetail>,
}

/// Kinds of images that browsers show and that can hold no script.
const IMAGES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

impl Said<'_> {
    pub(super) fn html(&self) -> String {
        let mut html = String::from("<div class=\"said\">\n");
        if let Some(message) = &self.row.error_message {
            section(&mut html, "Error", &pre(message));
        }
        let Some(detail) = self.detail else {
            html.push_str("<p>No more is known of it.</p>\n</div>\n");
            return html;
        };
        for sentence in &detail.truncation {
            push(
                &mut html,
                format_args!("<p class=\"note\">{}</p>\n", text(sentence)),
            );
        }
        if let Some(system) = &detail.system {
            section(&mut html, "System", &parts(system));
        }
        for message in detail.input.iter().flatten() {
            self::message(&mut html, message);
        }
        for message in detail.output.iter().flatten() {
            self::message(&mut html, message);
        }
        if let Some(arguments) = &detail.arguments {
            section(&mut html, "Arguments", &pre(&pretty(arguments)));
        }
        if let Some(result) = &detail.result {
            section(&mut html, "Result", &pre(&pretty(result)));
        }
        let tools: Vec<_> = detail.tool_definitions.iter().flatten().collect();
        if !tools.is_empty() {
            let names: Vec<_> = tools.iter().map(|tool| tool.name.as_str()).collect();
            section(
                &mut html,
                "Tools it could call",
                &format!("<p dir=\"auto\">{}</p>", text(&names.join(", "))),
            );
        }
        attributes(&mut html, &detail.attributes);
        html.push_str("</div>\n");
        html
    }
}

fn section(html: &mut String, title: &str, content: &str) {
    push(
        html,
        format_args!(
            "<section>\n<h2>{}</h2>\n{content}\n</section>\n",
            text(title)
        ),
    );
}

fn message(html: &mut String, message: &Value) {
    let role = message
        .get("role")
        .and_then(Value::as_str)
        .unwrap_or("message");
    let content = match message.get("parts") {
        Some(Value::Array(list)) => parts(list),
        _ => pre(&pretty(message)),
    };
    section(html, role, &content);
}

fn parts(parts: &[Value]) -> String {
    let mut html = String::new();
    for part in parts {
        let field = |name: &str| part.get(name).and_then(Value::as_str);
        let whole = |name: &str| part.get(name).map(pretty).unwrap_or_default();
        match field("type") {
            Some("text") => html.push_str(&pre(field("content").unwrap_or_default())),
            Some("reasoning") => {
                html.push_str("<h3>Reasoning</h3>");
                html.push_str(&pre(field("content").unwrap_or_default()));
            }
            Some("tool_call") => {
                let name = text(field("name").unwrap_or_default());
                push(
                    &mut html,
                    format_args!("<h3 dir=\"auto\">Calls {name}</h3>"),
                );
                html.push_str(&pre(&whole("arguments")));
            }
            Some("tool_call_response") => {
                html.push_str("<h3>Answer of a tool</h3>");
                html.push_str(&pre(&whole("response")));
            }
            Some("blob") if is_image(part) => push(
                &mut html,
                format_args!(
                    "<img alt=\"an image\" src=\"data:{};base64,{}\">",
                    attribute(field("mime_type").unwrap_or_default()),
                    attribute(field("content").unwrap_or_default())
                ),
            ),
            _ => html.push_str(&pre(&pretty(part))),
        }
    }
    html
}

fn is_image(part: &Value) -> bool {
    let field = |name: &str| part.get(name).and_then(Value::as_str);
    field("mime_type").is_some_and(|kind| IMAGES.contains(&kind))
        && field("content").is_some_and(|content| !content.is_empty())
}

fn attributes(html: &mut String, attributes: &[KeyValue]) {
    if attributes.is_empty() {
        return;
    }
    html.push_str("<details class=\"attributes\">\n<summary>Attributes</summary>\n<dl>\n");
    for one in attributes {
        push(
            html,
            format_args!(
                "<dt>{}</dt><dd>{}</dd>\n",
                text(&one.key),
                pre(&pretty(&one.value))
            ),
        );
    }
    html.push_str("</dl>\n</details>\n");
}

fn pre(content: &str) -> String {
    // The first line feed behind `<pre>` would be left out.
    format!("<pre dir=\"auto\">\n{}</pre>", text(content))
}

/// Writes a text as it is, and anything else as JSON.
fn pretty(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_json()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str) -> String {
        let mut html = String::new();
        message(&mut html, &Value::from_json(json).unwrap());
        html
    }

    #[test]
    fn parts_are_shown_as_what_they_are_and_never_as_markup() {
        let html = shown(
            r#"{"role":"<b>","parts":[{"type":"text","content":"<script>alert(1)</script>"},
                {"type":"tool_call","id":"1","name":"<i>","arguments":{"q":"</pre>"}},
                {"type":"blob","mime_type":"image/png","content":"\"><script>"},
                {"type":"blob","mime_type":"image/svg+xml","content":"PHN2Zz4="},
                {"type":"odd","x":"<svg onload=1>"}]}"#,
        );
        insta::assert_snapshot!(html, @r#"
        <section>
        <h2>&lt;b&gt;</h2>
        <pre dir="auto">
        &lt;script&gt;alert(1)&lt;/script&gt;</pre><h3 dir="auto">Calls &lt;i&gt;</h3><pre dir="auto">
        {
          &quot;q&quot;: &quot;&lt;/pre&gt;&quot;
        }</pre><img alt="an image" src="data:image/png;base64,&quot;&gt;&lt;script&gt;"><pre dir="auto">
        {
          &quot;type&quot;: &quot;blob&quot;,
          &quot;mime_type&quot;: &quot;image/svg+xml&quot;,
          &quot;content&quot;: &quot;PHN2Zz4=&quot;
        }</pre><pre dir="auto">
        {
          &quot;type&quot;: &quot;odd&quot;,
          &quot;x&quot;: &quot;&lt;svg onload=1&gt;&quot;
        }</pre>
        </section>
        "#);
    }
}
