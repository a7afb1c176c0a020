# The list of recipes.
[private]
default:
    @{{ just_executable() }} --list

# Run the whole service locally; flags go to it (`just run --help`).
[positional-arguments]
run *flags:
    cargo run -- "$@"

# Run every test.
test:
    cargo test

# Formatting, lints and documentation, as CI checks them.
check:
    bash .ci/run fmt clippy doc

# Licences, sources and banned crates of the dependency tree.
deny:
    bash .ci/run deny_install deny

# The deployed service, as stories on an emulator of AWS; flags go to pytest.
[positional-arguments]
e2e *flags:
    bash .ci/e2e/run "$@"

# Samples of `events/` by `sam local invoke` (`just invoke api.health`); needs a Docker engine.
[positional-arguments]
invoke +samples:
    bash .ci/invoke "$@"

# All samples, and whether they are answered as `events/answers.json` says.
invoke-all:
    bash .ci/invoke --all

# A deployed queue's dead letters back to it: `just redrive events --stack herald --dry-run`.
[positional-arguments]
redrive queue *flags:
    cargo run --quiet --bin redrive -- "$@"

# Everything CI checks.
ci:
    bash .ci/run
