import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { closeTab, openTab } from './browser-windows.ts';
import type { PrintedUser } from './isthmus-process.ts';

/** Fake devices, and nothing that reaches out of the machine. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
];

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS });

export interface Seen {
  readonly width: number;
  /** Frames decoded while it was looked at. */
  readonly frames: number;
}

export interface Sound {
  readonly peakHz: number;
  readonly level: number;
}

/** The softphone page as its user: found by role and name, never by markup. */
export class PhonePage {
  readonly page: Page;
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  /** `prepare`: what is to be so before the page begins. */
  static async open(
    browser: Browser,
    url: string,
    prepare: (page: Page) => Promise<void> = () => Promise.resolve(),
  ): Promise<PhonePage> {
    const phone = new PhonePage(await openTab(browser));
    await phone.page.addInitScript(rememberMicrophone);
    await prepare(phone.page);
    await phone.page.goto(url);
    return phone;
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  get status(): Locator {
    return this.page.getByRole('status');
  }

  async logIn({ option, userName, password }: PrintedUser): Promise<void> {
    await this.page.getByRole('radio', { name: option, exact: true }).check();
    await this.page.getByRole('textbox', { name: 'User name' }).fill(userName);
    await this.page.getByRole('textbox', { name: 'Password' }).fill(password);
    await this.button('Log in').click();
    await this.says(/Registered as sip:/);
  }

  async logOut(): Promise<void> {
    await this.button('Log out').click();
    await this.button('Log in').waitFor();
  }

  /** The public identity the page shows. */
  async impu(): Promise<string> {
    const text = (await this.status.textContent()) ?? '';
    return /Registered as (sip:[^\s·,;]+)/.exec(text)?.[1] ?? '';
  }

  async dial(number: string, button = 'Call'): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Number or address' }).fill(number);
    await this.button(button).click();
  }

  async says(words: RegExp | string, timeoutMs = 20_000): Promise<void> {
    const wanted = this.status.filter({ hasText: words });
    try {
      await wanted.waitFor({ timeout: timeoutMs });
    } catch {
      const said = await this.status.textContent();
      const alert = await this.page.getByRole('alert').allTextContents();
      throw new Error(`status says "${said ?? ''}", alert "${alert.join()}", not ${String(words)}`);
    }
  }

  async hangUp(): Promise<void> {
    await this.button('Hang up').click();
    await this.says(/Call ended/);
  }

  /**
   * What is heard of the far end: the strongest tone and its level. Silence is listened to for the
   * whole of this time; a sound is known well before.
   */
  hear(listenMs = 2_500): Promise<Sound> {
    return this.page.evaluate(loudestTone, { listenMs, source: 'remote' as const });
  }

  /** What the fake microphone plays. */
  speak(listenMs = 2_500): Promise<Sound> {
    return this.page.evaluate(loudestTone, { listenMs, source: 'microphone' as const });
  }

  picture(name: string): Locator {
    return this.page.getByLabel(name, { exact: true });
  }

  /** Waits until it moves. */
  async sees(name: string, timeoutMs = 20_000): Promise<Seen> {
    const player = this.picture(name);
    await player.waitFor({ timeout: timeoutMs });
    return player.evaluate(movingPicture, timeoutMs);
  }

  async isPressed(name: string): Promise<boolean> {
    return (await this.button(name).getAttribute('aria-pressed')) === 'true';
  }

  close(): Promise<void> {
    return closeTab(this.page);
  }
}

async function movingPicture(node: Element, timeoutMs: number): Promise<Seen> {
  const player = node as HTMLVideoElement;
  const frames = (): number => player.getVideoPlaybackQuality().totalVideoFrames;
  const [before, until] = [frames(), performance.now() + timeoutMs];
  while (frames() < before + 10) {
    if (performance.now() > until) throw new Error('the picture does not move');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { width: player.videoWidth, frames: frames() - before };
}

async function loudestTone(what: {
  listenMs: number;
  source: 'remote' | 'microphone';
}): Promise<Sound> {
  let until = performance.now() + what.listenMs;
  const playing = (): MediaStream | undefined => {
    const players = [...document.querySelectorAll<HTMLMediaElement>('audio, video')];
    const streams = players.map((it) => it.srcObject).filter((it) => it instanceof MediaStream);
    return streams.find((it) => it.getAudioTracks().length > 0);
  };
  const nextTry = () => new Promise((resolve) => setTimeout(resolve, 50));
  const remote = async (): Promise<MediaStream> => {
    while (!playing() && performance.now() < until) await nextTry();
    return playing() ?? new MediaStreamAudioDestinationNode(new AudioContext()).stream;
  };
  const stream =
    what.source === 'remote'
      ? await remote()
      : await navigator.mediaDevices.getUserMedia({ audio: true });
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  analyser.smoothingTimeConstant = 0;
  context.createMediaStreamSource(stream).connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  const best = { peakHz: 0, level: Number.NEGATIVE_INFINITY };
  const [audibleDb, beepEveryMs] = [-60, 500];
  while (performance.now() < until) {
    await nextTry();
    analyser.getFloatFrequencyData(bins);
    const level = Math.max(...bins);
    if (level <= best.level) continue;
    if (best.level < audibleDb && level > audibleDb) {
      until = Math.min(until, performance.now() + 2 * beepEveryMs);
    }
    best.peakHz = (bins.indexOf(level) * context.sampleRate) / analyser.fftSize;
    best.level = level;
  }
  await context.close();
  if (what.source === 'microphone') for (const track of stream.getTracks()) track.stop();
  return best;
}

/** Keeps the stream the page sends, for tests that listen to both ends; nothing else changes. */
function rememberMicrophone(): void {
  const devices = navigator.mediaDevices;
  const ask = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints) => {
    const stream = await ask(constraints);
    Object.assign(globalThis, { sentStream: stream });
    return stream;
  };
}
