import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evsLibraries } from '../support/evs-library/build.ts';
import { failToStart, startIsthmus } from './support/isthmus-process.ts';

describe('OPS-2: npm start', () => {
  let dataDir: string;
  const libraries = evsLibraries();

  afterAll(() => {
    libraries.remove();
  });

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'isthmus-start-'));
  });

  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  it('prints users, numbers, the library of an operator, and last of all where it is ready', async () => {
    const library = libraries.build();
    const isthmus = await startIsthmus({ dataDir, env: { EVS_LIBRARY: library } });
    await isthmus.stop();

    expect(new Set(isthmus.users.map(({ option }) => option))).toEqual(
      new Set(['IP-PBX', 'Same credentials', 'Token']),
    );
    expect(isthmus.numbers).toEqual(
      expect.arrayContaining([
        'echo',
        'tone',
        'busy',
        'noanswer',
        'reject',
        'slow',
        'pcma',
        'pcmu',
        'callme',
      ]),
    );
    expect(isthmus.lines.at(-1)).toBe(`Isthmus is ready: http://localhost:${String(isthmus.port)}`);
    expect(isthmus.lines).toContain(`library  EVS  ${library}`);
    expect(isthmus.lines.join('')).not.toContain('\u001b');
  });

  it('ends cleanly on Ctrl-C and finds its data again, also where a codec library is not there', async () => {
    const env = { EVS_LIBRARY: join(dataDir, 'no-evs.so') };
    const first = await startIsthmus({ dataDir, env });
    const code = await first.stop();
    const second = await startIsthmus({ dataDir });
    await second.stop();

    expect(code).toBe(0);
    expect(second.users).toEqual(first.users);
    expect(first.lines.join('\n')).toMatch(/^library {2}EVS {2}cannot be loaded: .*no-evs\.so/m);
    expect(second.lines.join('\n')).not.toContain('library');
  });

  it('runs twice beside itself', async () => {
    const [one, two] = await Promise.all([startIsthmus({ dataDir }), startIsthmus()]);
    const pages = await Promise.all([one, two].map(async ({ url }) => (await fetch(url)).status));
    await Promise.all([one.stop(), two.stop()]);

    expect(pages).toEqual([200, 200]);
  });

  it('names the port and the setting when the port is taken', async () => {
    const isthmus = await startIsthmus();

    const failed = await failToStart({ PORT: String(isthmus.port), DATA_DIR: dataDir });
    await isthmus.stop();

    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(new RegExp(`Port ${String(isthmus.port)} is taken.*PORT`));
  });

  it('names the setting when another one uses the data folder', async () => {
    const isthmus = await startIsthmus({ dataDir });

    const failed = await failToStart({ PORT: '0', DATA_DIR: dataDir });
    await isthmus.stop();

    expect(failed.code).toBe(1);
    expect(failed.stderr).toBe(
      'Another Isthmus uses this data folder. Set DATA_DIR to another one.\n',
    );
  });

  it('names the setting when it is no port', async () => {
    const failed = await failToStart({ PORT: 'eighty', DATA_DIR: dataDir });

    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('PORT is not a port number: eighty');
  });
});
