import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { arch, constants } from 'node:os';

/** By Perl, which every Debian has: Node itself cannot filter the system calls of a child. */
const FILTER = `
my ($refused, $errno, @command) = @ARGV;
my ($prctl, $seccomp) = qx(uname -m) =~ /aarch64/ ? (167, 277) : (157, 317);
# Load the number of the call; where it is the one, its error, else go on (seccomp(2)).
my @code = ([0x20, 0, 0, 0], [0x15, 0, 1, $refused], [0x06, 0, 0, 0x00050000 | $errno], [0x06, 0, 0, 0x7fff0000]);
my $code = join '', map { pack 'SCCL', @$_ } @code;
syscall($prctl, 38, 1, 0, 0, 0) == 0 or die "no_new_privs: $!";
syscall($seccomp, 1, 0, pack('S x6 P', scalar @code, $code)) == 0 or die "seccomp: $!";
exec @command or die $!;
`;

/** Numbers of Linux on every machine. Without `io_uring_enter` alone Node itself does not run. */
export const SYSTEM_CALLS = { io_uring_setup: 425, io_uring_register: 427 };
const SENDMMSG = arch() === 'arm64' ? 269 : 307;
const { EPERM, ENOBUFS } = constants.errno;

/** Runs a script of ours under Node where one system call fails so. */
const runFailing = (call: number, errno: number, script: string): SpawnSyncReturns<string> =>
  spawnSync(
    'perl',
    [
      ...['-e', FILTER, String(call), String(errno)],
      ...[process.execPath, '--disable-warning=ExperimentalWarning', script],
    ],
    { encoding: 'utf8', timeout: 30_000 },
  );

/** Where one system call is not permitted, as in a container. */
export const runWithout = (
  call: keyof typeof SYSTEM_CALLS,
  script: string,
): SpawnSyncReturns<string> => runFailing(SYSTEM_CALLS[call], EPERM, script);

/** Where the kernel has no memory for what is sent in batches. */
export const runWithoutRoom = (script: string): SpawnSyncReturns<string> =>
  runFailing(SENDMMSG, ENOBUFS, script);
