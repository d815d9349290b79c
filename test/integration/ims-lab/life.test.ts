import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { requireTools } from '../../support/ims-lab/required-tools.ts';

const LAB = new URL('../../support/ims-lab/ims-lab.ts', import.meta.url);

/** Processes whose group was led by one of these, whether or not the leader is still there. */
function processesOf(groups: readonly number[]): readonly string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [state = '', , group = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state !== 'Z' && groups.includes(Number(group));
    } catch {
      return false;
    }
  });
}

async function untilNoneOf(groups: readonly number[]): Promise<readonly string[]> {
  const deadlineMs = Date.now() + 5_000;
  while (processesOf(groups).length > 0 && Date.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return processesOf(groups);
}

describe('the life of an IMS lab', () => {
  it('leaves no process and two labs do not collide', async () => {
    const [one, other] = await Promise.all([startImsLab(), startImsLab()]);
    expect(processesOf(one.pids).length).toBeGreaterThan(10);
    expect(one.pcscf.port).not.toBe(other.pcscf.port);

    await one.stop();

    expect(processesOf(one.pids)).toEqual([]);
    expect(processesOf(other.pids).length).toBeGreaterThan(10);
    await other.stop();
    expect(processesOf(other.pids)).toEqual([]);
  });

  it('leaves no process when the test itself is killed', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ims-life-'));
    const script = join(dir, 'forgetful.ts');
    await writeFile(
      script,
      `import { startImsLab } from '${LAB.href}';
       const lab = await startImsLab();
       process.stdout.write(JSON.stringify(lab.pids));
       setInterval(() => undefined, 1000);`,
    );
    const test = spawn(process.execPath, [pathToFileURL(script).pathname], { stdio: 'pipe' });
    const [pids] = (await once(test.stdout, 'data')) as [Buffer];
    const groups = JSON.parse(pids.toString()) as readonly number[];
    expect(processesOf(groups).length).toBeGreaterThan(10);

    test.kill('SIGKILL');

    expect(await untilNoneOf(groups)).toEqual([]);
    await rm(dir, { recursive: true, force: true });
  });

  it('names a missing tool and how to install it', () => {
    const path = process.env['PATH'];
    try {
      process.env['PATH'] = '';
      expect(() => {
        requireTools(['baresip']);
      }).toThrow('apt-get install --no-install-recommends baresip-core');
    } finally {
      process.env['PATH'] = path;
    }
  });
});
