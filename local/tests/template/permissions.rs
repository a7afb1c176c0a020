use crate::template::{Template, attribute, list, mentions};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The statements of a role.
pub(crate) fn statements(role: &Value) -> Vec<&Value> {
    list(&role["Properties"]["Policies"])
        .iter()
        .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
        .collect()
}

/// Whether all actions of a statement are a service's: `ec2`.
pub(crate) fn is_of(statement: &Value, service: &str) -> bool {
    let actions = list(&statement["Action"]);
    actions.iter().all(|action| {
        let (of, _) = action
            .as_str()
            .and_then(|action| action.split_once(':'))
            .expect("an action");
        of == service
    })
}

/// Whether all that a statement speaks of is network interfaces.
fn is_of_interfaces(statement: &Value) -> bool {
    is_of(statement, "ec2")
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
        for statement in statements(role) {
            for absent in ["NotAction", "NotResource"] {
                assert_eq!(statement[absent], Value::Null, "{id}: {statement}");
            }
            assert!(!has_star(&statement["Action"]), "{id}: {statement}");
            if is_of(statement, "ses") {
                // Any identity, but one address: see `mail.rs`.
                continue;
            }
            // AWS knows no narrower resource for the network interfaces of a function.
            let interfaces = is_of_interfaces(statement);
            assert_eq!(
                has_star(&statement["Resource"]),
                interfaces,
                "{id}: {statement}"
            );
            if !interfaces {
                assert_eq!(statement["Effect"], "Allow", "{id}: {statement}");
                assert_eq!(statement["Condition"], Value::Null, "{id}: {statement}");
            }
        }
    }
}

#[test]
fn only_lambda_itself_touches_network_interfaces_and_only_for_the_sender_of_webhooks() {
    let template = Template::read();
    for (binary, function) in template.functions() {
        let (_, role) = template.role(&function);
        let of_interfaces = statements(role).into_iter();
        let of_interfaces: Vec<_> = of_interfaces.filter(|it| is_of_interfaces(it)).collect();
        if binary != "webhook" {
            assert_eq!(of_interfaces.len(), 0, "{binary}");
            assert_eq!(function.properties["VpcConfig"], Value::Null, "{binary}");
            continue;
        }
        assert_ne!(function.properties["VpcConfig"], Value::Null);
        let [allowed, denied] = of_interfaces[..] else {
            panic!("what Lambda may, and what the function's code may not: {of_interfaces:?}");
        };
        assert_eq!(
            (&allowed["Effect"], &denied["Effect"]),
            (&json!("Allow"), &json!("Deny"))
        );
        assert_eq!(allowed["Action"], denied["Action"]);
        let code = &denied["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]["Fn::Sub"];
        let name = &function.properties["FunctionName"]["Fn::Sub"];
        let (code, name) = (code.as_str(), name.as_str());
        let is_its_own =
            |code: &str| code.ends_with(&format!(":function:{}", name.expect("a name")));
        assert!(code.is_some_and(is_its_own), "{code:?}");
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
            .filter(|statement| statement["Action"].to_string().contains("logs:"))
            .collect();
        let [statement] = logs.as_slice() else {
            panic!("{binary} has one statement about logs");
        };
        let actions = json!(["logs:CreateLogStream", "logs:PutLogEvents"]);
        assert_eq!(statement["Action"], actions, "{binary}");
        let group = attribute(&statement["Resource"]).expect("a log group");
        assert_eq!(Some(group.0), own.as_str(), "{binary}");
    }
}
