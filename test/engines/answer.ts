/** The rows that an engine answers, by column names. */
export type Answer = readonly Readonly<Record<string, unknown>>[];
