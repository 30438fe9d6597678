const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text may be compared with a uuid column; the database refuses any other. */
export const isUuid = (text: string): boolean => uuid.test(text);
