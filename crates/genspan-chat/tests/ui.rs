//! What the compiler says to a layer in the wrong place.

#[test]
fn a_chat_layer_round_a_tool_loop_is_refused_with_a_reason() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
