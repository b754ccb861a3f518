/** The roles of agents by name, without their schemas, which are costly to load. */

/** Of the six passes, in their order. */
export const roles = ["triager", "researcher", "planner", "implementer", "reviewer", "closer"] as const;
/** Every role that has a prompt: beside the six, the one that answers a pass's `delegate`. */
export const promptRoles = [...roles, "delegate"] as const;
export type Role = (typeof promptRoles)[number];
