import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aSimulator } from './a-simulator.ts';

const hasSipp = spawnSync('sipp', ['-v']).error === undefined;
const itWithSipp = hasSipp || process.env['CI'] !== undefined ? it : it.skip;
if (!hasSipp) console.warn('sipp is missing: apt-get install sip-tester');

describe('OPS-2: sipp, a client that is none of ours', () => {
  itWithSipp.each([
    ['TCP', 't1'],
    ['UDP', 'u1'],
  ])('registers and calls echo over %s', async (_, mode) => {
    const simulator = await aSimulator();
    const place = mkdtempSync(join(tmpdir(), 'sipp-'));
    const scenario = join(import.meta.dirname, 'register-and-call.xml');
    const sipp = spawn(
      'sipp',
      [
        `127.0.0.1:${String(simulator.sipPort)}`,
        ...['-sf', scenario, '-t', mode, '-m', '1', '-i', '127.0.0.1', '-auth_uri', 'demo.example'],
        ...['-timeout', '15', '-timeout_error', '-nostdin'],
      ],
      { cwd: place, stdio: 'ignore' },
    );

    const [code] = (await once(sipp, 'exit')) as [number | null];

    expect(code).toBe(0);
    expect(simulator.calls()).toMatchObject([
      { service: 'echo', codec: 'PCMA', state: 'ended', end: 'hung up there' },
    ]);
    rmSync(place, { recursive: true });
    await simulator.close();
  });
});
