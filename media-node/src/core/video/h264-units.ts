/** NAL units of H.264 as they stand in a stream with start codes (ITU-T H.264 annex B). */

export const UNIT = { idr: 5, sei: 6, sequenceSet: 7, pictureSet: 8, delimiter: 9 } as const;

export const START_CODE = Uint8Array.of(0, 0, 0, 1);

export const unitType = (unit: Uint8Array): number => (unit[0] ?? 0) & 0x1f;

/** Every unit without its start code and the zeros before the next. */
export function unitsIn(stream: Uint8Array): readonly Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = -1;
  for (let at = stream.indexOf(1, 2); at >= 0; at = stream.indexOf(1, at + 1)) {
    if (stream[at - 1] !== 0 || stream[at - 2] !== 0) continue;
    if (start >= 0) units.push(trimmed(stream.subarray(start, at - 2)));
    start = at + 1;
  }
  if (start >= 0) units.push(trimmed(stream.subarray(start)));
  return units.filter((unit) => unit.length > 0);
}

function trimmed(unit: Uint8Array): Uint8Array {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end -= 1;
  return unit.subarray(0, end);
}
