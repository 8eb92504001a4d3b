import { placeRoutes } from "./places.ts";
import { projectRoutes } from "./projects.ts";
import { tokenRoutes } from "./tokens.ts";

/** The IAM operations that official clients use: three of the document, the rest a supplement that names its source. */
export const iamRoutes = { ...tokenRoutes, ...projectRoutes, ...placeRoutes };
