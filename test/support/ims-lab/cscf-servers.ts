import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { CSCF_ROLES, type CscfRole } from './cscf-files.ts';

/** Kamailio as P-, I- and S-CSCF, each by its configuration in one folder. */
export class CscfServers {
  readonly #dir: string;
  #children: Child[] = [];

  constructor(dir: string) {
    this.#dir = dir;
  }

  async start(roles: readonly CscfRole[] = CSCF_ROLES): Promise<void> {
    this.#children.push(...(await Promise.all(roles.map((role) => this.#startOne(role)))));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
  }

  async kill(): Promise<void> {
    await Promise.all(this.#children.splice(0).map((child) => child.kill()));
  }

  pids(): readonly number[] {
    return this.#children.map(({ pid }) => pid);
  }

  outputs(): readonly string[] {
    return this.#children.map((child) => child.output());
  }

  #startOne(role: CscfRole): Promise<Child> {
    const dir = this.#dir;
    // -DD stays in the foreground; -w keeps core dumps out of the root folder.
    const place = ['-f', join(dir, `${role}.cfg`), '-Y', dir, '-w', dir];
    const args = ['-DD', '-E', ...place, '-m', '64', '-M', '8'];
    return startChild({ command: '/usr/sbin/kamailio', args, cwd: dir });
  }
}
