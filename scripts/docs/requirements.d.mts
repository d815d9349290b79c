export const REQUIREMENT_IDS: readonly string[];
export const ID_PATTERN: RegExp;
