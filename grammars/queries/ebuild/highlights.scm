; Highlighting of ebuilds on the grammar tree-sitter-bash.
;
; Only captures and the predicates #eq?, #match? and #any-of? are used, which Neovim and Helix share. Neovim lets the later of two
; patterns win and Helix the earlier one, so no node is given two names.

(comment) @comment

[
  (string)
  (raw_string)
  (ansi_c_string)
  (heredoc_body)
  (heredoc_start)
] @string

(file_descriptor) @number

; Metadata of PMS 7 and 8, and the variables that the default phases read (PMS 9).
(variable_assignment
  name: (variable_name) @variable.builtin
  (#any-of? @variable.builtin
    "EAPI" "DESCRIPTION" "HOMEPAGE" "SRC_URI" "LICENSE" "SLOT" "KEYWORDS" "IUSE" "RESTRICT" "PROPERTIES" "REQUIRED_USE"
    "DEPEND" "BDEPEND" "RDEPEND" "PDEPEND" "IDEPEND" "S" "PATCHES" "DOCS" "HTML_DOCS"))

(expansion
  (variable_name) @variable)

(simple_expansion
  (variable_name) @variable)

; Phase functions of PMS 9.1.
(function_definition
  name: (word) @function.builtin
  (#match? @function.builtin "^(pkg_(pretend|setup|preinst|postinst|prerm|postrm|config|info|nofetch)|src_(unpack|prepare|configure|compile|test|install))$"))

(function_definition
  name: (word) @function
  (#not-match? @function "^(pkg_(pretend|setup|preinst|postinst|prerm|postrm|config|info|nofetch)|src_(unpack|prepare|configure|compile|test|install))$"))

; inherit (PMS 10.1) and the eclasses that it names.
((command
  name: (command_name
    (word) @keyword.import)
  argument: (word) @module)
  (#eq? @keyword.import "inherit"))

; Commands that every ebuild has (PMS 12.3).
((command_name
  (word) @function.builtin)
  (#any-of? @function.builtin
    "default" "die" "nonfatal" "assert" "eapply" "eapply_user" "econf" "emake" "einstalldocs" "einfo" "elog" "ewarn" "eerror"
    "ebegin" "eend" "use" "usev" "usex" "use_with" "use_enable" "in_iuse" "has_version" "best_version" "ver_cut" "ver_rs"
    "ver_test" "unpack" "into" "insinto" "exeinto" "docinto" "insopts" "exeopts" "dobin" "dosbin" "doexe" "doins" "dolib.a"
    "dolib.so" "doman" "doinfo" "dodoc" "doheader" "dosym" "dodir" "doconfd" "doenvd" "doinitd" "domo" "newbin" "newsbin"
    "newexe" "newins" "newlib.a" "newlib.so" "newman" "newdoc" "newheader" "newconfd" "newenvd" "newinitd" "keepdir" "fowners"
    "fperms" "docompress" "dostrip"))

((command_name
  (word) @function.call)
  (#not-match? @function.call "^(inherit|default|die|nonfatal|assert|eapply|eapply_user|econf|emake|einstalldocs|einfo|elog|ewarn|eerror|ebegin|eend|use|usev|usex|use_with|use_enable|in_iuse|has_version|best_version|ver_(cut|rs|test)|unpack|into|insinto|exeinto|docinto|insopts|exeopts|do(bin|sbin|exe|ins|lib\\.a|lib\\.so|man|info|doc|header|sym|dir|confd|envd|initd|mo|compress|strip)|new(bin|sbin|exe|ins|lib\\.a|lib\\.so|man|doc|header|confd|envd|initd)|keepdir|fowners|fperms)$"))

[
  "if"
  "then"
  "elif"
  "else"
  "fi"
  "case"
  "esac"
  "for"
  "in"
  "do"
  "done"
  "while"
  "until"
  "select"
  "function"
  "local"
  "declare"
  "export"
  "readonly"
  "unset"
] @keyword

[
  "&&"
  "||"
  "|"
  ">"
  ">>"
  "<"
  "="
  "+="
] @operator
