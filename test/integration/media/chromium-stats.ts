import type { Page } from 'playwright-core';

export interface InboundVideo {
  readonly received: number;
  readonly lost: number;
  readonly codec: string;
  readonly decoded: number;
  /** Of ours for what did not come: for a packet, and for a whole picture. */
  readonly nacks: number;
  readonly plis: number;
}

export interface InboundAudio {
  readonly received: number;
  readonly lost: number;
  readonly codec: string;
  readonly energy: number;
}

export interface OutboundVideo {
  readonly keyFrames: number;
  /** Of the other side, for what did not reach it. */
  readonly nacks: number;
  readonly plis: number;
}

/** The members of `getStats` reports that are looked at; the DOM types leave them out. */
interface Report {
  readonly id: string;
  readonly type: string;
  readonly kind?: string;
  readonly codecId?: string;
  readonly mimeType?: string;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly totalAudioEnergy?: number;
  readonly roundTripTime?: number;
  readonly framesDecoded?: number;
  readonly keyFramesEncoded?: number;
  readonly nackCount?: number;
  readonly pliCount?: number;
  readonly selectedCandidatePairId?: string;
  readonly localCandidateId?: string;
  readonly remoteCandidateId?: string;
  readonly protocol?: string;
  readonly address?: string;
}

const reportsOf = (page: Page): Promise<readonly Report[]> =>
  page.evaluate(async () => {
    const { pc } = window as unknown as { pc: RTCPeerConnection };
    return [...((await pc.getStats()) as unknown as Map<string, Report>).values()];
  });

export async function inboundAudio(page: Page): Promise<InboundAudio | undefined> {
  const reports = await reportsOf(page);
  const inbound = reports.find((it) => it.type === 'inbound-rtp' && it.kind === 'audio');
  if (!inbound) return undefined;
  return {
    received: inbound.packetsReceived ?? 0,
    lost: inbound.packetsLost ?? 0,
    energy: inbound.totalAudioEnergy ?? 0,
    codec: codecOf(inbound, reports),
  };
}

export async function inboundVideo(page: Page): Promise<InboundVideo | undefined> {
  const reports = await reportsOf(page);
  const inbound = reports.find((it) => it.type === 'inbound-rtp' && it.kind === 'video');
  if (!inbound) return undefined;
  return {
    received: inbound.packetsReceived ?? 0,
    lost: inbound.packetsLost ?? 0,
    decoded: inbound.framesDecoded ?? 0,
    nacks: inbound.nackCount ?? 0,
    plis: inbound.pliCount ?? 0,
    codec: codecOf(inbound, reports),
  };
}

export async function outboundVideo(page: Page): Promise<OutboundVideo> {
  const reports = await reportsOf(page);
  const sent = reports.find((it) => it.type === 'outbound-rtp' && it.kind === 'video');
  return {
    keyFrames: sent?.keyFramesEncoded ?? 0,
    nacks: sent?.nackCount ?? 0,
    plis: sent?.pliCount ?? 0,
  };
}

export async function roundTripS(page: Page): Promise<number | undefined> {
  return (await reportsOf(page)).find((it) => it.type === 'remote-inbound-rtp')?.roundTripTime;
}

/** Local and remote candidate of the pair that was chosen. */
async function chosenPair(page: Page): Promise<readonly (Report | undefined)[]> {
  const reports = await reportsOf(page);
  const of = (id: string | undefined) => reports.find((it) => it.id === id);
  const transport = reports.find((it) => it.type === 'transport');
  const pair = of(transport?.selectedCandidatePairId);
  return [of(pair?.localCandidateId), of(pair?.remoteCandidateId)];
}

export async function remoteAddress(page: Page): Promise<string | undefined> {
  return (await chosenPair(page))[1]?.address;
}

export async function protocols(page: Page): Promise<readonly (string | undefined)[]> {
  return (await chosenPair(page)).map((it) => it?.protocol);
}

const codecOf = ({ codecId }: Report, reports: readonly Report[]): string =>
  String(reports.find((it) => it.id === codecId)?.mimeType);
