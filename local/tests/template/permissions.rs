use crate::template::{Template, attribute, list, mentions};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The statements of a role, and whether each stands under a condition.
fn statements(role: &Value) -> Vec<(Option<&str>, &Value)> {
    list(&role["Properties"]["Policies"])
        .iter()
        .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
        .map(|statement| match &statement["Fn::If"] {
            Value::Null => (None, statement),
            choice => {
                assert_eq!(choice[2], json!({ "Ref": "AWS::NoValue" }));
                (choice[0].as_str(), &choice[1])
            }
        })
        .collect()
}

fn has_star(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('*'),
        Value::Array(items) => items.iter().any(has_star),
        Value::Object(fields) => fields.values().any(has_star),
        _ => false,
    }
}

#[test]
fn every_function_has_a_role_of_its_own() {
    let template = Template::read();
    let roles: BTreeSet<_> = template
        .functions()
        .map(|(_, function)| template.role(&function).0.to_owned())
        .collect();
    assert_eq!(roles.len(), template.functions().count());
    assert_eq!(roles.len(), template.resources("AWS::IAM::Role").count());
}

#[test]
fn roles_name_every_action_and_every_resource() {
    let template = Template::read();
    for (id, role) in template.resources("AWS::IAM::Role") {
        for foreign in ["ManagedPolicyArns", "PermissionsBoundary"] {
            assert_eq!(role["Properties"][foreign], Value::Null, "{id}");
        }
        for (condition, statement) in statements(role) {
            assert_eq!(statement["Effect"], "Allow", "{id}: {statement}");
            for absent in ["NotAction", "NotResource"] {
                assert_eq!(statement[absent], Value::Null, "{id}: {statement}");
            }
            let actions = list(&statement["Action"]);
            assert!(!has_star(&statement["Action"]), "{id}: {statement}");
            // AWS knows no narrower resource for the network interfaces of a function.
            let interfaces = actions.iter().all(|action| {
                let action = action.as_str().expect("an action");
                action.starts_with("ec2:")
            });
            assert_eq!(
                has_star(&statement["Resource"]),
                interfaces,
                "{id}: {statement}"
            );
            assert_eq!(
                condition,
                interfaces.then_some("HasSubnets"),
                "{id}: {statement}"
            );
        }
    }
}

#[test]
fn only_the_sender_of_webhooks_touches_network_interfaces() {
    let template = Template::read();
    for (binary, function) in template.functions() {
        let (_, role) = template.role(&function);
        let conditional = statements(role)
            .iter()
            .any(|(condition, _)| condition.is_some());
        let in_subnets = function.properties["VpcConfig"] != Value::Null;
        let webhook = binary == "webhook";
        assert_eq!((conditional, in_subnets), (webhook, webhook), "{binary}");
    }
}

#[test]
fn only_the_api_and_the_fan_out_reach_the_accounts() {
    let template = Template::read();
    for (binary, function) in template.functions() {
        let (_, role) = template.role(&function);
        let may = ["api", "fanout"].contains(&binary);
        assert_eq!(mentions(role, "Accounts"), may, "the role of {binary}");
        assert_eq!(
            mentions(&function.properties, "Accounts"),
            may,
            "the properties of {binary}"
        );
    }
}

#[test]
fn every_function_may_write_its_own_log_and_no_other() {
    let template = Template::read();
    for (binary, function) in template.functions() {
        let own = &function.properties["LoggingConfig"]["LogGroup"]["Ref"];
        let (_, role) = template.role(&function);
        let logs: Vec<_> = statements(role)
            .into_iter()
            .filter(|(_, statement)| statement["Action"].to_string().contains("logs:"))
            .collect();
        let [(None, statement)] = logs.as_slice() else {
            panic!("{binary} has one statement about logs");
        };
        let actions = json!(["logs:CreateLogStream", "logs:PutLogEvents"]);
        assert_eq!(statement["Action"], actions, "{binary}");
        let group = attribute(&statement["Resource"]).expect("a log group");
        assert_eq!(Some(group.0), own.as_str(), "{binary}");
    }
}
