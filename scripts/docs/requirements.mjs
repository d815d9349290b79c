/** How many requirements each area has; conformance.md has a row for every one. */
const AREAS = { REG: 11, SES: 8, MED: 14, OPS: 5, SEC: 4, CLI: 3 };

export const REQUIREMENT_IDS = Object.entries(AREAS).flatMap(([area, count]) =>
  Array.from({ length: count }, (_, at) => `${area}-${at + 1}`),
);

export const ID_PATTERN = new RegExp(`\\b(?:${Object.keys(AREAS).join('|')})-\\d+\\b`, 'g');
