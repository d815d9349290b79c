import { LoggerFactory } from 'sip.js/lib/core/index.js';

/** One for all: each keeps a logger per kind of object, and none is heard. */
export const SILENT = new LoggerFactory();
SILENT.builtinEnabled = false;
