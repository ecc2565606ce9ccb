//! What a request asks for.

use genspan::{Content, Generic, Inference, Message, OutputType, Part, Role, ToolDefinition};

use super::block;
use crate::{format::anthropic_messages::members::bounded_value, json::Json};

/// Reads the settings, of which a model's own stand apart; how quick the answer shall be has no home.
pub(super) fn settings(body: &Json<'_>, record: &mut Inference) {
    let own = body.get("additionalModelRequestFields");
    let of = |from: Option<&Json<'_>>, names: &[&str]| {
        let from = from?;
        names.iter().find_map(|name| from.get(name)?.as_f64())
    };
    let config = body.get("inferenceConfig");
    let nested = own.and_then(|own| own.get("inferenceConfig"));
    let number = |names: &[&str]| {
        [config, own, nested]
            .iter()
            .find_map(|from| of(*from, names))
    };
    let max_tokens = ["maxTokens", "max_new_tokens", "maxNewTokens"]
        .iter()
        .find_map(|name| config?.get(name)?.as_u64());
    let request = &mut record.request;
    request.max_tokens = max_tokens;
    request.temperature = number(&["temperature"]);
    request.top_p = number(&["topP", "top_p"]);
    request.top_k = number(&["topK", "top_k"]);
    request.seed = own.and_then(|own| own.get("seed")?.as_i64());
    let stops = ["stopSequences", "stop_sequences"]
        .iter()
        .find_map(|name| config?.get(name))
        .map(Json::items)
        .unwrap_or_default();
    request.stop_sequences = stops
        .iter()
        .filter_map(|stop| stop.as_str().map(str::to_owned))
        .collect();
    request.reasoning_level = own
        .and_then(reasoning_level)
        .or_else(|| reasoning_level(body));
    let format = body
        .get("outputConfig")
        .and_then(|output| output.get("textFormat")?.text("type"));
    request.output_type = (format == Some("json_schema")).then_some(OutputType::Json);
    let response = &mut record.response;
    response.guardrail_id = body
        .get("guardrailConfig")
        .and_then(|guardrail| guardrail.string("guardrailIdentifier"));
    response.requested_service_tier = body.get("serviceTier").and_then(|tier| tier.string("type"));
}

/// Budgets of tokens are no levels.
fn reasoning_level(own: &Json<'_>) -> Option<String> {
    own.string("reasoning_effort")
        .or_else(|| own.get("output_config")?.string("effort"))
        .or_else(|| own.get("reasoningConfig")?.string("maxReasoningEffort"))
}

/// Reads what is said and the tools that are offered.
pub(super) fn content(mut body: Json<'_>, content: &mut Content) {
    content.system_instructions = body.take("system").map(block::parts).unwrap_or_default();
    content.input = body
        .take_items("messages")
        .into_iter()
        .filter(|message| !message.members().is_empty())
        .map(message)
        .collect();
    // A prompt that Bedrock keeps is named as the model; what is put into it is all that the request says.
    if let Some(variables) = body.take("promptVariables") {
        let members = variables.into_members().into_iter();
        let part = Part::Generic(Generic {
            kind: "promptVariables".to_owned(),
            members: members
                .map(|(name, value)| (name.into_owned(), bounded_value(value.into_value())))
                .collect(),
        });
        content.input.push(Message::new(Role::User, vec![part]));
    }
    if let Some(mut config) = body.take("toolConfig") {
        let tools = config.take_items("tools").into_iter();
        content.tools = tools.filter_map(tool).collect();
    }
}

/// Messages with results of tools keep the role `user` that they are sent with.
fn message(mut message: Json<'_>) -> Message {
    let parts = message
        .take("content")
        .map(block::parts)
        .unwrap_or_default();
    Message::new(Role::from(message.text("role").unwrap_or("unknown")), parts)
}

/// Reads a tool; its kind is the name of the member that it stands in. A place to cache up to is no tool.
fn tool(tool: Json<'_>) -> Option<ToolDefinition> {
    let members = tool.into_members().into_iter();
    let is_tool = |name: &str, stated: &Json<'_>| name != "cachePoint" && !stated.is_null();
    let (kind, mut stated) = members
        .into_iter()
        .find(|(name, stated)| is_tool(name, stated))?;
    let parameters = stated
        .take("inputSchema")
        .map(|mut schema| schema.take("json").unwrap_or(schema).into_value());
    let kind = if kind == "toolSpec" {
        "function".into()
    } else {
        kind
    };
    Some(ToolDefinition {
        name: stated.string("name").unwrap_or_else(|| kind.to_string()),
        kind: kind.into_owned(),
        description: stated.string("description"),
        parameters,
    })
}
