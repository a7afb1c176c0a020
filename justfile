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

# Everything CI checks.
ci:
    bash .ci/run
