import { createVideoCodecs } from '../../../../../media-node/src/adapters/codecs/create-video-codecs.ts';
import { createVoiceCodecs } from '../../../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import type { NativeAddon } from '../../../../../media-node/src/adapters/codecs/native-addon.ts';
import type { NativeVideoAddon } from '../../../../../media-node/src/adapters/codecs/native-video-addon.ts';
import {
  tellEvs,
  tellMissing,
  tellMissingVideo,
} from '../../../../../media-node/src/adapters/codecs/tell-missing.ts';
import type { Log, LogFacts } from '../../../../../media-node/src/ports/log.ts';

class LineLog implements Log {
  readonly lines: (readonly [string, LogFacts | undefined])[] = [];
  readonly debug = (): void => undefined;
  readonly told: (readonly [string, LogFacts | undefined])[] = [];
  readonly info = (message: string, facts?: LogFacts): void => {
    this.told.push([message, facts]);
  };
  readonly error = (): void => undefined;
  readonly warn = (message: string, facts?: LogFacts): void => {
    this.lines.push([message, facts]);
  };
  with(): Log {
    return this;
  }
}

/** An addon on a machine that lacks the libraries named. */
const anAddon = (missing: Partial<ReturnType<NativeAddon['missing']>>) =>
  ({
    ok: true,
    addon: { missing: () => ({ opus: '', 'AMR-WB': '', AMR: '', ...missing }) } as NativeAddon,
  }) as const;

describe('MED-8: a machine without a codec library', () => {
  it('loses that codec alone, and says so in one line with the reason', () => {
    const log = new LineLog();
    const codecs = createVoiceCodecs(anAddon({ 'AMR-WB': 'libvo-amrwbenc.so.0: not found' }));

    tellMissing(codecs, log);

    expect([...codecs.available].sort()).toEqual(['AMR', 'G722', 'PCMA', 'PCMU', 'opus']);
    expect(log.lines).toEqual([
      [
        'codecs are missing: no call is transcoded to or from them',
        { missing: { 'AMR-WB': 'libvo-amrwbenc.so.0: not found' } },
      ],
    ]);
    expect(() => codecs.openDecoder('AMR-WB', 16_000)).toThrow(RangeError);
  });

  it('tells of all of them in the same line where the addon is not built', () => {
    const log = new LineLog();

    tellMissing(createVoiceCodecs({ ok: false, reason: 'the addon is not built' }), log);

    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]?.[1]).toEqual({
      missing: {
        opus: 'the addon is not built',
        'AMR-WB': 'the addon is not built',
        AMR: 'the addon is not built',
      },
    });
  });

  it('that has them all says nothing', () => {
    const log = new LineLog();

    tellMissing(createVoiceCodecs(anAddon({})), log);

    expect(log.lines).toEqual([]);
  });
});

describe('MED-8: the EVS library of an operator', () => {
  const LIBRARY = '/opt/evs.so';
  const anAddonWith = (evs: number | string) => {
    const { addon } = anAddon({});
    return { ok: true, addon: { ...addon, loadEvs: () => evs } as NativeAddon } as const;
  };
  const toldOf = (evs: number | string, library?: string): LineLog => {
    const log = new LineLog();
    const codecs = createVoiceCodecs(anAddonWith(evs), library);
    tellMissing(codecs, log);
    tellEvs(codecs, library, log);
    return log;
  };

  it('is told of in one line where it is loaded', () => {
    const log = toldOf(1, LIBRARY);

    expect(log.told).toEqual([['EVS is loaded', { library: LIBRARY }]]);
    expect(log.lines).toEqual([]);
  });

  it('is told of in one line, with the reason, where it cannot be', () => {
    const log = toldOf('no such file', LIBRARY);

    expect(log.told).toEqual([]);
    expect(log.lines.map(([, facts]) => facts)).toEqual([{ missing: { EVS: 'no such file' } }]);
  });

  it('is not spoken of where none was named', () => {
    const log = toldOf(1);

    expect([...log.told, ...log.lines]).toEqual([]);
  });
});

describe('MED-9: a machine without a library of video', () => {
  const reasons = { VP8: '', H264: 'libopenh264.so.7: not found' };
  const anAddonOf = (missing: typeof reasons) =>
    ({ ok: true, addon: { missing: () => missing } as NativeVideoAddon }) as const;

  it('says in one line which, and why, and does without', () => {
    const log = new LineLog();
    const codecs = createVideoCodecs(anAddonOf(reasons));

    tellMissingVideo(codecs, log);

    expect(log.lines).toEqual([
      [
        'video codecs are missing: video passes through and is not transcoded',
        { missing: { H264: 'libopenh264.so.7: not found' } },
      ],
    ]);
    expect(() => codecs.openDecoder('H264')).toThrow(RangeError);
  });

  it('says nothing where both are there', () => {
    const log = new LineLog();

    tellMissingVideo(createVideoCodecs(anAddonOf({ VP8: '', H264: '' })), log);

    expect(log.lines).toEqual([]);
  });
});
