import { type ParameterCodec, Type } from "@concordat/api-kit";
import { isName, isRemark } from "@concordat/platform";

/**
 * The document's rules for names and remarks count characters, and admit letters of any script. A schema's pattern and length are checked here
 * in UTF-16 units, so the platform's own forms decide.
 */
const textForm = (form: string, isOfForm: (text: string) => boolean): ParameterCodec => ({
  form,
  decode: (text) => (isOfForm(text) ? text : undefined),
  encode: String,
});

const NAME_FORM = "2 to 30 letters, digits or characters of _-.()";
const REMARK_FORM = "at most 100 characters";

/** @source LTL document, section 4.2.7.1 (MemberContact, MemberName) */
export const nameText = textForm(NAME_FORM, isName);
/** @source LTL document, section 4.2.7.1 (Remark) */
export const remarkText = textForm(REMARK_FORM, isRemark);

/** A name's field, with what it is the name of; `nameText` checks it. */
export const name = (subject: string) => Type.String({ description: `${subject}: ${NAME_FORM}.` });
/** An optional remark; `remarkText` checks it. Empty counts as left out. */
export const remark = Type.Optional(Type.String({ description: `Remark: ${REMARK_FORM}.` }));

/** An id that this server gives. */
export const id = (subject: string) =>
  Type.String({ pattern: "^[0-9]{16}$", description: `${subject}: 16 decimal digits.` });
