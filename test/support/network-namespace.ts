import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Of RFC 2544: no network that a machine of ours is in. */
const BLOCK = '198.18';
const LINKS = 2 ** 14;
const WHERE_REFUSED =
  'This test needs network namespaces: run it as root, in a container with CAP_SYS_ADMIN and CAP_NET_ADMIN.';

const run = promisify(execFile);

/** iproute2 is where root finds it, and not everybody. */
async function ip(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  try {
    const { stdout } = await run('ip', args, { env });
    return stdout;
  } catch (cause) {
    throw new Error(`${WHERE_REFUSED} "ip ${args.join(' ')}" failed.`, { cause });
  }
}

/**
 * A network of the kernel's own, tied to ours by one wire and with no way beyond it: who lives in there
 * reaches what listens at our end of the wire, and nothing else.
 */
export class NetworkNamespace {
  readonly #name: string;
  readonly #folder: string;
  /** Our end. */
  readonly here: string;
  readonly there: string;

  private constructor(name: string, folder: string, link: number) {
    const at = (host: number) =>
      `${BLOCK}.${String((4 * link) >> 8)}.${String(((4 * link) & 0xff) + host)}`;
    this.#name = name;
    this.#folder = folder;
    this.here = at(1);
    this.there = at(2);
  }

  static async open(): Promise<NetworkNamespace> {
    // Other runs on this machine have others.
    const link = randomInt(LINKS);
    const name = `isthmus-${String(link)}`;
    const [ours, theirs] = [`isth${String(link)}a`, `isth${String(link)}b`];
    await ip('netns', 'add', name);
    const folder = await mkdtemp(join(tmpdir(), 'namespace-'));
    const it = new NetworkNamespace(name, folder, link);
    try {
      await ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', name);
      await ip('address', 'add', `${it.here}/30`, 'dev', ours);
      await ip('link', 'set', ours, 'up');
      await ip('-n', name, 'address', 'add', `${it.there}/30`, 'dev', theirs);
      await ip('-n', name, 'link', 'set', theirs, 'up');
      await ip('-n', name, 'link', 'set', 'lo', 'up');
      return it;
    } catch (cause) {
      await it.close();
      throw cause;
    }
  }

  /** Where those in there can send to. */
  async routes(): Promise<readonly string[]> {
    const lines = await ip('-n', this.#name, '-4', 'route', 'show');
    return lines.split('\n').flatMap((line) => line.split(' ')[0] || []);
  }

  /** A program that runs another one in there; its pipes stay what they are. */
  async within(program: string): Promise<string> {
    const path = join(this.#folder, 'run');
    const command = `exec ip netns exec ${this.#name} ${program} "$@"`;
    await writeFile(path, `#!/bin/sh\nPATH="$PATH:/usr/sbin:/sbin"\n${command}\n`);
    await chmod(path, 0o755);
    return path;
  }

  /** The wire goes with it. */
  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await ip('netns', 'delete', this.#name);
  }
}
