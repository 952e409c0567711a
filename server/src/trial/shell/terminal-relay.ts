/**
 * Python that runs in the sandbox, passed with `python3 -c`: gives the command argv[2:] a terminal of its own and passes its input and output on.
 * The user's own terminal is not shown to the sandbox, whose processes could read its keys. argv[1] is a file with the size of the terminal,
 * `ROWS COLUMNS`, which is read again and again.
 */
export const RELAY = `
import fcntl, os, pty, select, struct, sys, termios
size_file, command = sys.argv[1], sys.argv[2:]
shown = None

def resize(terminal):
    global shown
    try:
        with open(size_file) as file:
            size = file.read().split()
        if len(size) == 2 and size != shown:
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(size[0]), int(size[1]), 0, 0))
            shown = size
    except (OSError, ValueError, struct.error):
        pass

def write_all(descriptor, data):
    while data:
        data = data[os.write(descriptor, data):]

pid, terminal = pty.fork()
if pid == 0:
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(command[0] + ": " + error.strerror)
        os._exit(127)
sources = [terminal, 0]
while True:
    resize(terminal)
    ready = select.select(sources, [], [], 0.3)[0]
    if 0 in ready:
        data = os.read(0, 65536)
        if data:
            write_all(terminal, data)
        else:
            sources.remove(0)
            write_all(terminal, b"\\x04")
    if terminal in ready:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        write_all(1, data)
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;

/** What a shell starts with. */
export interface ShellStart {
  /** Path of the package manager's saved environment, see `PackageManager.savedEnvironment`. */
  readonly environment: string;
  /** The image folder, which is in no saved environment. */
  readonly image: string;
  /** The beginning of the prompt. */
  readonly title: string;
}

/**
 * Writes the start file of the shell: the variables and functions of the phases that have passed, and the folder that a phase begins in (`S`,
 * PMS 11.1). The user has no more rights than any other, so the prompt is never that of root.
 */
export function writeStartFile({ environment, image, title }: ShellStart): string {
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  return `# What the last phase left, as the package manager saved it. Some of its variables are read-only in a shell.
_ebuild_audit_term=$TERM
[[ -r ${quote(environment)} ]] && source ${quote(environment)} >/dev/null 2>&1
TERM=$_ebuild_audit_term
unset _ebuild_audit_term BASH_ENV PROMPT_COMMAND HISTFILE TMOUT
set +eu
export D=${quote(image)}
PS1=${quote(`${title} \\W $ `)}
cd -- "\${S:-.}" 2>/dev/null || cd -- "\${WORKDIR:-.}" 2>/dev/null || cd -- "\${HOME}"
`;
}
