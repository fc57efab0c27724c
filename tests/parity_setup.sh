#!/bin/sh
# Makes the virtual environment that parity.py and make_fixtures.py were written for: parity_setup.sh [FOLDER]
set -e
folder=${1:-.parity-venv}
[ -x "$folder/bin/python" ] || python3 -m venv "$folder"
"$folder/bin/pip" install --quiet torch==2.15.0 transformers==5.23.0 peft==0.21.2 accelerate==1.15.0 sentencepiece==0.2.3 \
    tokenizers==0.23.3 safetensors==0.8.0 numpy==2.4.6 rouge_score==0.1.2 protobuf==7.36.2 gguf==0.19.0
echo "$folder/bin/python tests/parity.py --quick"
