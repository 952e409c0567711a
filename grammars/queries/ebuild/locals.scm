; Scopes and definitions of ebuilds on the grammar tree-sitter-bash.

(function_definition) @local.scope

(function_definition
  name: (word) @local.definition)

(variable_assignment
  name: (variable_name) @local.definition)

(expansion
  (variable_name) @local.reference)

(simple_expansion
  (variable_name) @local.reference)
