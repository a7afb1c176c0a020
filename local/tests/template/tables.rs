use crate::template::Template;
use herald::store::{ACCOUNTS_SCHEMA, DATA_SCHEMA};
use serde_json::{Value, json};

const KEPT: [&str; 2] = ["AWS::DynamoDB::Table", "AWS::KMS::Key"];

fn key(partition: &str, sort: &str) -> Value {
    json!([
        { "AttributeName": partition, "KeyType": "HASH" },
        { "AttributeName": sort, "KeyType": "RANGE" },
    ])
}

fn attribute(name: &str, kind: &str) -> Value {
    json!({ "AttributeName": name, "AttributeType": kind })
}

#[test]
fn the_tables_are_those_of_the_store() {
    let template = Template::read();
    let tables = template.resources("AWS::DynamoDB::Table");
    let names: Vec<_> = tables.map(|(id, _)| id.as_str()).collect();
    assert_eq!(names, ["Accounts", "Data"]);
    for (id, schema) in [("Accounts", ACCOUNTS_SCHEMA), ("Data", DATA_SCHEMA)] {
        let table = template.properties(id);
        let mut attributes = vec![
            attribute(schema.partition_key, "S"),
            attribute(schema.sort_key, "S"),
        ];
        let index = schema.index.map_or(Value::Null, |index| {
            attributes.push(attribute(index.partition_key, "S"));
            attributes.push(attribute(index.sort_key, "N"));
            json!([{
                "IndexName": index.name,
                "KeySchema": key(index.partition_key, index.sort_key),
                "Projection": { "ProjectionType": "ALL" },
            }])
        });
        let time_to_live = schema.time_to_live.map_or(
            Value::Null,
            |field| json!({ "AttributeName": field, "Enabled": true }),
        );
        assert_eq!(
            table["KeySchema"],
            key(schema.partition_key, schema.sort_key),
            "{id}"
        );
        assert_eq!(table["AttributeDefinitions"], json!(attributes), "{id}");
        assert_eq!(table["GlobalSecondaryIndexes"], index, "{id}");
        assert_eq!(table["TimeToLiveSpecification"], time_to_live, "{id}");
        assert_eq!(table["BillingMode"], "PAY_PER_REQUEST", "{id}");
    }
}

#[test]
fn what_cannot_be_made_again_outlives_the_stack() {
    let template = Template::read();
    let kept: Vec<_> = KEPT
        .into_iter()
        .flat_map(|kind| template.resources(kind))
        .collect();
    assert_eq!(kept.len(), 3, "two tables and a key");
    for (id, resource) in kept {
        // A deployment that fails at first leaves nothing behind.
        assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{id}");
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{id}");
    }
}

#[test]
fn tables_can_be_put_back_to_any_second() {
    let template = Template::read();
    for (id, table) in template.resources("AWS::DynamoDB::Table") {
        let recovery = &table["Properties"]["PointInTimeRecoverySpecification"];
        assert_eq!(recovery["PointInTimeRecoveryEnabled"], true, "{id}");
    }
}
