/** What Reason headers say, by protocol (RFC 3326 §2, ITU-T Q.850). */
export interface Reasons {
  readonly sip?: number;
  readonly q850?: number;
}

const VALUE = /(?:^|,)\s*(sip|q\.850)\s*;[^,]*?\bcause\s*=\s*(\d{1,3})\b/gi;

export function reasonsOf(values: readonly string[]): Reasons {
  const found = values.flatMap((value) => [...value.matchAll(VALUE)]);
  const causeOf = (protocol: string): number | undefined => {
    const cause = found.find(([, name]) => name?.toLowerCase() === protocol)?.[2];
    return cause === undefined ? undefined : Number(cause);
  };
  const sip = causeOf('sip');
  const q850 = causeOf('q.850');
  return { ...(sip !== undefined && { sip }), ...(q850 !== undefined && { q850 }) };
}
