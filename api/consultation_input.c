/* Consultation inputs and their answers. */
#include "operation.h"

#include "consultation_input.sql.h"

const struct binding consultation_input_bindings[] = {
    {"answerConsultationInput", operation_act, &consultation_input_answer,
     &consultation_input_select},
    {"createConsultationInput", operation_create, &consultation_input_create,
     &consultation_input_receipt},
    {"getConsultationInput", operation_get, .reads = &consultation_input_select},
    {"listConsultationInputs", operation_list, .reads = &consultation_input_select},
    {0},
};

const struct constraint consultation_input_constraints[] = {
    {0},
};
